"""A host's own consumers, across the program's end and beginning."""

import asyncio

import pytest

import parlour
from parlour.application.kernel.uow import LoggedEvent
from parlour.domain.kernel.event import Event


@pytest.mark.row("DX1")
async def test_a_consumer_given_at_the_opening_misses_nothing_of_what_was_not_handed_on(database_url: str) -> None:
    heard = asyncio.Queue[str]()
    failed = asyncio.Event()

    async def fails(event: Event, logged: LoggedEvent) -> None:
        failed.set()
        raise RuntimeError("the program ends before this works")

    async with parlour.open(database_url, consumers={"mail": fails}) as chat:
        await chat.execute(parlour.CreateWorkspace("Team"), chat.actor(parlour.host_id("ada")))
        await failed.wait()

    async def hears(event: Event, logged: LoggedEvent) -> None:
        heard.put_nowait(logged.tag)

    async with parlour.open(database_url, consumers={"mail": hears}):
        assert [await heard.get() for _ in range(3)] == [
            "workspace_entered", "workspace_created", "workspace_member_joined"
        ]  # fmt: skip
