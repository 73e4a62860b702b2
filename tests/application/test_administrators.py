"""Administrators of the instance, who may act on each other at once."""

import asyncio

import pytest

import parlour
from parlour.application.kernel.actor import STRANGER, Actor
from parlour.domain.kernel.errors import DomainError


@pytest.mark.row("ID5")
async def test_of_two_who_dismiss_each_other_at_once_one_is_too_late(database_url: str) -> None:
    async with parlour.open(database_url) as chat:
        names = ("ada", "bob")
        made = [await chat.execute(parlour.SignUp(n, f"{n}@example.org", "correct horse"), STRANGER) for n in names]
        for name in names:
            await chat.execute(parlour.SetAdmin(name), chat.system)
        ada, bob = (Actor(m.user.id, m.session_id, is_admin=True) for m in made)
        answers = await asyncio.gather(
            chat.execute(parlour.SetAdmin("bob", False), ada),
            chat.execute(parlour.SetAdmin("ada", False), bob),
            return_exceptions=True,
        )
        assert [a.code for a in answers if isinstance(a, DomainError)] == ["not_an_administrator"]
