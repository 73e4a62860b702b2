"""Connections whose sessions cannot be looked at: they stay open while the store is away, and are looked at again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import define, field

import parlour
from parlour.application.kernel.limits import Limits
from parlour.domain.kernel.errors import DomainError, Unauthenticated, Unavailable
from parlour.domain.kernel.ids import UserId
from parlour.entrypoints.library.chat import Chat
from parlour.entrypoints.realtime import connections as module
from parlour.entrypoints.realtime.connections import Connections


@define(eq=False)
class Open:
    """A connection, and what the store says of its session each time it is looked at."""

    answers: list[DomainError | None]
    user_id: UserId
    id: str = "1"
    address: str = "here"
    closed: list[int] = field(factory=list)

    async def still_signed_in(self) -> None:
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer

    def show(self, frame: str) -> None:
        pass

    def tick(self, now: float) -> None:
        pass

    def close(self, code: int, reason: str, again_in: float | None = None) -> None:
        self.closed.append(code)


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with parlour.open(f"sqlite:///{tmp_path / 'parlour.db'}") as opened:
        yield opened


@pytest.mark.row("RT4")
@pytest.mark.parametrize("last, closed", [(None, []), (Unauthenticated("It ended.", code="session_ended"), [4401])])
async def test_it_is_looked_at_again_when_the_store_is_back(
    last: DomainError | None, closed: list[int], chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    connections = Connections(chat._hub, Limits(), lambda: 0.0)
    user_id = parlour.host_id("ada")
    one = Open([Unavailable("away"), Unavailable("away"), last], user_id)
    connections.admit(one)
    connections.signed_in(one)
    connections.recheck_user(user_id)
    async with asyncio.timeout(5):
        while one.answers:
            assert one.closed == [], "it was closed because nobody could look"
            await asyncio.sleep(0)
        await asyncio.gather(*connections._tasks)
    assert one.closed == closed


async def test_one_that_has_gone_is_not_looked_at_for_ever(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    connections = Connections(chat._hub, Limits(), lambda: 0.0)
    one = Open([Unavailable("away") for _ in range(1000)], parlour.host_id("ada"))
    connections.admit(one)
    connections.signed_in(one)
    connections.recheck_user(one.user_id)
    await asyncio.sleep(0)
    connections.leave(one)
    async with asyncio.timeout(5):
        await asyncio.gather(*connections._tasks)
    assert len(one.answers) > 900
