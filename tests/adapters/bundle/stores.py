"""Stores to move things between, a world with something in every table, and bundles of it."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from attrs import evolve

import parlour
from parlour.adapters.sql.bundle.export import SqlBundles
from parlour.adapters.sql.bundle.load import read_in
from parlour.adapters.sql.bundle.read import checked
from parlour.adapters.sql.bundle.tables import TABLES
from parlour.adapters.sql.expiry import SqlExpiry
from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.proofs import SqlProofs
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.adapters.sql.store import SqlStore
from parlour.adapters.sql.streams import SqlRelay
from parlour.application.kernel.actor import STRANGER, Actor
from parlour.application.kernel.ports import Clock, Ids, Passwords
from parlour.application.messages.pins import PinMessage
from parlour.application.messages.reacting import AddReaction
from parlour.application.messages.scheduling import ScheduleMessage
from parlour.config.features import CORE, Module
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.identity.proof import Proof, Purpose
from parlour.domain.kernel.ids import ProofId
from parlour.domain.presence.presence import Availability
from parlour.testing.contracts.support import NOW
from parlour.testing.world import CountingIds, QuickPasswords, TickingClock
from tests.house import MEANS


@asynccontextmanager
async def an_empty_store(path: str | Path = ":memory:") -> AsyncIterator[SqliteStore]:
    store = open_sqlite(str(path), MEANS)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def an_instance(
    path: str = ":memory:", given: Mapping[type, Any] | None = None, modules: Sequence[Module] = ()
) -> AsyncIterator[Instance]:
    """An instance in which nothing runs by itself."""
    plan = evolve(
        plan_of(Settings(database_url=f"sqlite:///{path}", feature_flags="")),
        given=given or {},
        modules=(*CORE, *modules),
    )
    instance = Instance(plan)
    try:
        await instance.open()
        yield instance
    finally:
        await instance.stop()


def opened_and_written(target: Path) -> Callable[..., Any]:
    """What opens an instance as `parlour.open` does, and writes all of it into a file before it closes."""

    @asynccontextmanager
    async def opened(path: str, **plan: Any) -> AsyncIterator[Any]:
        async with an_instance(path, **plan) as instance:
            await instance.start()
            yield instance.chat
            await written(instance.store, target)

    return opened


async def written(store: SqlStore, target: Path) -> bytes:
    """The bytes of a store's bundle, which is in a file now."""
    async with store.snapshot(slow=True) as snapshot:
        db: Any = snapshot
        await SqlBundles(db).write(str(target), force=True)
    return target.read_bytes()


async def moved(bundle: Path, **how: bool) -> bytes:
    """What an empty store exports that a bundle was read into."""
    async with an_empty_store() as store:
        await read_in(checked(bundle), store, **how)
        return await written(store, bundle.with_name("again.jsonl"))


async def furnish(instance: Instance) -> None:
    """Something in every table, some of it odd; some events are handed on, and some are not."""
    chat, store = instance.chat, instance.store
    made = [
        await chat.execute(parlour.SignUp(n, f"{n}@example.org", "correct horse"), STRANGER) for n in ("ada", "bob")
    ]
    ada, bob = (Actor(m.user.id, m.session_id) for m in made)
    team = await chat.execute(parlour.CreateWorkspace("Team \N{PALM TREE} \u0130"), ada)
    await chat.execute(parlour.AddWorkspaceMember(team.id, bob.known), ada)
    await chat.execute(parlour.CreateInvitation(team.id), ada)
    room = await chat.execute(parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "general", workspace_id=team.id), ada)
    await chat.execute(parlour.JoinRoom(room.id), bob)
    await SqlRelay(store).pass_over(5)
    for number, text in enumerate(("hello", "\u2028 line\nline", '"quoted"\\', "\N{PALM TREE}" * 50, "é e\u0301")):
        said = await chat.execute(parlour.SendMessage(room.id, text), (ada, bob)[number % 2], key=f"key {number}")
        await chat.execute(AddReaction(said.id, "\N{PALM TREE}"), ada)
        await chat.execute(PinMessage(said.id), ada)
        if number == 4:
            await chat.execute(parlour.EditMessage(said.id, "not what was meant"), ada)
    first = await chat.execute(parlour.SendMessage(room.id, "who is in? @room"), ada)
    answer = parlour.SendMessage(room.id, "@ada me", reply_to=first.id, quote=first.id)
    await chat.execute(parlour.ForwardMessage((await chat.execute(answer, bob)).id, room.id), ada)
    await chat.execute(ScheduleMessage(room.id, "later", NOW + timedelta(days=9)), ada)
    direct = await chat.execute(
        parlour.CreateRoom(parlour.RoomKind.DIRECT, member_ids=[bob.known], workspace_id=team.id), ada
    )
    await chat.execute(parlour.SendMessage(direct.id, "between us"), ada)
    await chat.execute(parlour.SetRoomRetention(room.id, 365), ada)
    await chat.execute(parlour.SetWorkspaceRetention(team.id, None, rooms_decide=True), ada)
    await chat.execute(parlour.BlockUser(parlour.host_id("nobody")), ada)
    await chat.execute(parlour.UpdateMember.of(room_id=room.id, user_id=bob.known, muted=True), ada)
    await chat.execute(parlour.BanMember(room.id, bob.known, NOW + timedelta(days=999), "too 🌴"), ada)
    await chat.execute(parlour.UpdateProfile.of(name="Ada L."), ada, key="once")
    await chat.execute(parlour.CreateTicket(), ada)
    await chat.execute(parlour.SetPresence(Availability.AWAY, datetime(2126, 1, 1, tzinfo=UTC)), ada)
    await chat.execute(parlour.CreateToken("A bot", [parlour.Permission.ROOM_READ]), ada)
    await chat.execute(parlour.ReplaceUserExtensions(ada.known, {"nul": "a\0b", "\N{PALM TREE}": [1.5, None]}), ada)
    await chat.execute(parlour.RequestEmailProof(), ada)
    await _leave_traces(instance, ada)


async def _leave_traces(instance: Instance, ada: Actor) -> None:
    """What upkeep leaves behind."""
    store, relay = instance.store, SqlRelay(instance.store)
    waiting = await relay.waiting(3)
    await relay.dead("mailer", waiting[0], "no such address: \N{PALM TREE}\n")
    unit: Any = store.unit()
    async with unit:
        assert await unit.first_time("mailer", waiting[1].id)
        proof = Proof(ProofId(UUID(int=1)), ada.known, Purpose.EMAIL, b"digest", "ada@example.org", NOW, NOW)
        await SqlProofs(unit).add(proof)
        assert await SqlExpiry(unit).instance_changed(30)
        await unit.schedule("remind", NOW + timedelta(days=1), "keep_within_bounds", {"of": ["this", 1, None]})
    await unit.commit()


async def a_bundle(target: Path) -> bytes:
    """The bundle of a furnished store."""
    given: dict[type, Any] = {Clock: TickingClock(), Ids: CountingIds(), Passwords: QuickPasswords()}
    async with an_instance(given=given) as instance:
        await furnish(instance)
        return await written(instance.store, target)


# --- bundles, taken apart and put together again ---------------------------------------------------------------------


@attrs.define
class Parts:
    """A bundle as plain values: its header, and of each table its opening line and its rows."""

    header: dict[str, Any]
    tables: list[tuple[dict[str, Any], list[list[Any]]]]

    @classmethod
    def of(cls, data: bytes) -> "Parts":
        header, *lines, _ = (json.loads(line) for line in data.splitlines())
        parts = cls(header, [])
        for line in lines:
            if isinstance(line, list):
                parts.tables[-1][1].append(line)
            elif "table" in line:
                parts.tables.append((line, []))
        return parts

    def table(self, name: str) -> tuple[dict[str, Any], list[list[Any]]]:
        return next(t for t in self.tables if t[0]["table"] == name)

    def rows(self, name: str) -> list[list[Any]]:
        return self.table(name)[1]

    def put(self, name: str, column: str, value: Any, row: int = 0) -> None:
        names = [c for c, _ in self.table(name)[0]["columns"]]
        self.rows(name)[row][names.index(column)] = value

    def sealed(self) -> bytes:
        """The bundle with checksums and counts that are right, whatever it says."""
        whole, count = _line(self.header), 0
        for opening, rows in self.tables:
            data = _line(opening) + b"".join(map(_line, rows))
            end = {"end": opening["table"], "rows": len(rows), "sha256": hashlib.sha256(data).hexdigest()}
            whole += data + _line(end)
            count += len(rows)
        return whole + _line({"end": "parlour-bundle", "rows": count, "sha256": hashlib.sha256(whole).hexdigest()})


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


NAMES = [t.name for t in TABLES]
