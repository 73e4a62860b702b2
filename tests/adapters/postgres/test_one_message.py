"""All that can be done to one message at once: everybody holds it first, so nobody waits for each other in a ring."""

import asyncio
import itertools
from typing import Any

import pytest

from parlour.application.messages import commands
from parlour.domain.kernel.errors import DomainError
from parlour.domain.messages.message import Message
from parlour.domain.messages.ports import Messages
from tests.services.postgres import Postgres

from .tenants import Tenant, Tenants, tenants_at

pytestmark = [pytest.mark.postgres, pytest.mark.row("MS4")]

ROUNDS = 8
RING = "select deadlocks from pg_stat_database where datname = current_database()"


async def all_at_once(tenants: Tenants, ann: Tenant) -> list[str]:
    """The codes of those who were refused."""
    room = {"room_id": str(ann.room)}
    said = (await tenants.ask(ann.actor, "send_message", **room, content="a message"))["id"]
    acts: list[tuple[str, dict[str, Any]]] = [
        ("edit_message", {"message_id": said, "content": "one"}),
        ("add_reaction", {"message_id": said, "emoji": "👍"}),
        ("edit_message", {"message_id": said, "content": "two"}),
        ("pin_message", {"message_id": said}),
        ("send_message", {**room, "content": "an answer", "reply_to": said}),
        ("delete_message", {"message_id": said}),
    ]
    ended = await asyncio.gather(*(tenants.ask(ann.actor, name, **data) for name, data in acts), return_exceptions=True)
    refused = [error for error in ended if isinstance(error, BaseException)]
    assert all(isinstance(error, DomainError) for error in refused), refused
    return [error.code for error in refused if isinstance(error, DomainError)]


async def test_nobody_waits_in_a_ring_and_nobody_is_told_to_come_again(
    app_url: str, owner_url: str, postgres: Postgres
):
    async with tenants_at(app_url) as tenants:
        ann = await tenants.tenant("ann")
        refused = [code for _ in range(ROUNDS) for code in await all_at_once(tenants, ann)]
    assert set(refused) <= {"message_deleted", "not_found", "invalid"}, "as of a message that is gone"
    assert deadlocks(postgres, owner_url) == 0


async def test_an_edit_that_holds_nothing_is_soon_in_a_ring(
    app_url: str, owner_url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
):
    async def not_held(messages: Messages, message: Message) -> Message:
        return message

    monkeypatch.setattr(commands, "held", not_held)
    async with asyncio.timeout(120):
        for name in map("ann{}".format, itertools.count()):
            async with tenants_at(app_url) as tenants:
                ann = await tenants.tenant(name)
                for _ in range(2):
                    await all_at_once(tenants, ann)
            if deadlocks(postgres, owner_url):
                break


def deadlocks(postgres: Postgres, url: str) -> int:
    """How often the server had to break a ring in this database; connections tell of theirs at the latest when they close."""
    ((found,),) = postgres.run(RING, dsn=url)
    return int(found)
