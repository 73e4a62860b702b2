"""Whatever the cause for which a right is lost, and by whatever way one follows: within a second nothing more is shown, and
one is told why (G6)."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import parlour
from parlour.adapters.sql.blocks import SqlBlocks
from parlour.application.kernel.ports import Passwords
from parlour.entrypoints.realtime.followers import Follower
from parlour.entrypoints.realtime.hub import Hub
from parlour.testing.world import QuickPasswords

from .. import server as servers
from ..engines import on_sqlite
from ..server import Server
from .revoking import EVERYWHERE, OF_SESSIONS, Cause, blocked, broken, kicked, signed_out
from .revoking_ways import AtServer, InLibrary, Somebody

pytestmark = pytest.mark.row("RT5", "RT7", "RM4", "ID5", "ID6")


async def at_server(server: Server, *causes: Cause) -> list[str]:
    async with httpx.AsyncClient(base_url=server.base, timeout=20) as client:
        way = AtServer(server, client)
        ann, root = await way.sign_up(), await way.sign_up()
        assert server.command("admin", "grant", root.name).returncode == 0
        return [how for cause in causes for how in await broken(way, ann, root, cause)]


async def in_library(url: str, *causes: Cause) -> list[str]:
    async with parlour.open(url, given={Passwords: QuickPasswords()}) as chat:
        way = InLibrary(chat)
        ann, root = await way.sign_up(), Somebody("", "", "", chat.system)
        return [how for cause in causes for how in await broken(way, ann, root, cause)]


async def test_sockets_and_streams_of_a_server(server: Server) -> None:
    assert await at_server(server, *OF_SESSIONS, *EVERYWHERE) == []


async def test_subscriptions_of_the_library(database_url: str) -> None:
    assert await in_library(database_url, *EVERYWHERE) == []


# --- planted faults ---------------------------------------------------------------------------------------------------

BY_NAME = {cause.name: cause for cause in (*OF_SESSIONS, *EVERYWHERE)}
KICKED, SIGNED_OUT, BLOCKED = (BY_NAME[act.__name__] for act in (kicked, signed_out, blocked))


@on_sqlite
@pytest.mark.parametrize(
    "fault, how",
    [("never_look_again", "does not end"), ("go_on_showing", "after the end"), ("look_too_late", "does not end")],
)
async def test_a_fault_planted_in_a_server_is_seen(
    fault: str, how: str, make_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "COMMAND", (sys.executable, "-m", "tests.faults.sabotage_live", fault))
    server = make_server()
    monkeypatch.undo()
    causes = [KICKED] if fault == "go_on_showing" else [KICKED, SIGNED_OUT]
    found = await at_server(server, *causes)
    for cause in causes:
        seen = [said for said in found if said.startswith(f"{cause.name}, by WebSocket") and how in said]
        assert seen, found


def it_is_not_looked_at_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hub, "_recheck", lambda self, followers: None)


def it_is_looked_at_too_late(patch: pytest.MonkeyPatch) -> None:
    right = Hub._look_again

    async def late(self: Hub, followers: list[Follower]) -> None:
        await asyncio.sleep(3.5)
        await right(self, followers)

    patch.setattr(Hub, "_look_again", late)


def another_reason_is_given(patch: pytest.MonkeyPatch) -> None:
    right = Hub._end

    def end(self: Hub, follower: Follower, reason: str) -> None:
        right(self, follower, "gone")

    patch.setattr(Hub, "_end", end)


def blocks_do_not_count(patch: pytest.MonkeyPatch) -> None:
    async def between(self: SqlBlocks, *two: Any) -> bool:
        return False

    patch.setattr(SqlBlocks, "between", between)


@on_sqlite
@pytest.mark.parametrize(
    "plant, cause, how",
    [
        (it_is_not_looked_at_again, KICKED, "it does not end"),
        (it_is_looked_at_too_late, KICKED, "it does not end"),
        (another_reason_is_given, KICKED, "not not_found"),
        (blocks_do_not_count, BLOCKED, "was written after a block"),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
async def test_a_planted_fault_is_seen(
    plant: Callable[[pytest.MonkeyPatch], None],
    cause: Cause,
    how: str,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    found = await in_library(database_url, cause)
    assert [said for said in found if how in said], found
