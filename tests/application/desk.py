"""A feature that does as it is told, to watch the bus by; and instances to run it on."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from attrs import define, evolve, field, frozen
from typed_settings import SecretStr

from parlour.application.kernel.actor import Actor, Call, Way
from parlour.application.kernel.bus import Answer
from parlour.application.kernel.catalogue import Command, Failed, Feature, Found, Query, use_case
from parlour.application.kernel.constraints import Length
from parlour.application.kernel.limits import Rate, Rates
from parlour.application.kernel.ports import Clock, Ids, Passwords, People, StreamLog
from parlour.application.kernel.uow import LoggedEvent, UnitOfWork
from parlour.config.features import CORE, Module
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.kernel.errors import Conflict
from parlour.domain.kernel.event import Event, event
from parlour.domain.kernel.ids import host_id
from parlour.domain.kernel.streams import Stream
from parlour.testing.world import Cast, CountingIds, QuickPasswords, TickingClock
from tests.server import SECRET

Word = Annotated[str, Length(1, 10)]


@define
class Desk:
    """What the handlers do beside noting down: `failures` are raised one after another, `gate` is waited for."""

    done: list[str] = field(factory=list)
    failures: list[Exception] = field(factory=list)
    gate: asyncio.Event | None = None
    reached: asyncio.Event = field(factory=asyncio.Event)


@event("test_noted")
@frozen
class Noted(Event):
    word: str


@frozen
class Note:
    """How many were noted by then."""

    word: str
    number: int


@frozen
class NoteDown(Command[Note]):
    """Note a word."""

    word: Word


@frozen
class NoteSecretly(Command[Note]):
    word: Word


@frozen
class NoteSlowly(Command[Note]):
    word: Word


@frozen
class NoteStrangely(Command[Note]):
    word: Word


@frozen
class NoteAndFail(Command[Note]):
    word: Word


@frozen
class FindNote(Command[Note]):
    word: Word


@frozen
class CountNotes(Query[int]):
    """How many there are."""


async def _note(word: str, actor: Actor, uow: UnitOfWork, desk: Desk) -> Note:
    desk.reached.set()
    if desk.gate is not None:
        await desk.gate.wait()
    async with uow:
        desk.done.append(word)
        if actor.user_id is not None:
            await uow.record(Stream.of_user(actor.user_id), Noted(word))
        if desk.failures:
            raise desk.failures.pop(0)
    return Note(word, len(desk.done))


async def note_down(command: NoteDown, actor: Actor, uow: UnitOfWork, desk: Desk) -> Note:
    return await _note(command.word, actor, uow, desk)


async def note_secretly(command: NoteSecretly, actor: Actor, uow: UnitOfWork, desk: Desk) -> Note:
    return await _note(command.word, actor, uow, desk)


async def note_slowly(command: NoteSlowly, actor: Actor, uow: UnitOfWork, desk: Desk) -> Note:
    return await _note(command.word, actor, uow, desk)


async def note_strangely(command: NoteStrangely, actor: Actor, uow: UnitOfWork, desk: Desk) -> Note:
    return await _note(command.word, actor, uow, desk)


async def note_and_fail(command: NoteAndFail, actor: Actor, uow: UnitOfWork, desk: Desk) -> Note | Failed:
    await _note(command.word, actor, uow, desk)
    return Failed(Conflict("It is noted all the same.", code="noted_and_failed"))


async def find_note(command: FindNote, actor: Actor, uow: UnitOfWork, desk: Desk) -> Found[Note]:
    return Found(Note(command.word, len(desk.done)))


async def count_notes(query: CountNotes, desk: Desk) -> int:
    desk.done.append("counted")
    return len(desk.done)


FEATURE = Feature(
    "desk",
    use_cases=(
        use_case(note_down, rates=("noting",)),
        use_case(note_secretly, secret=True),
        use_case(note_slowly, slow=True),
        use_case(note_strangely, strangers=True),
        use_case(note_and_fail),
        use_case(find_note),
        use_case(count_notes),
    ),
)

ALICE, BOB = Actor(host_id("alice")), Actor(host_id("bob"))
NOTING = Rates({"noting": Rate("noting", 3, 3600)})


@define
class Office:
    """An instance with its desk, and short ways to use it."""

    instance: Instance
    desk: Desk
    clock: TickingClock

    async def ask(
        self, name: str, data: Mapping[str, Any], actor: Actor = ALICE, way: Way = Way.LIBRARY, **call: Any
    ) -> Answer:
        return await self.instance.bus.call(name, data, Call(actor, way, **call))

    async def note(self, word: str, key: str | None = None, name: str = "note_down", actor: Actor = ALICE) -> Answer:
        return await self.ask(name, {"word": word}, actor, key=key)

    async def log(self, stream: Stream) -> list[LoggedEvent]:
        """All events of a stream."""
        scoped: Any = self.instance.ports.find(StreamLog)
        async with self.instance.store.snapshot() as snapshot:
            events: list[LoggedEvent] = await scoped.make(snapshot).after(stream, 0, 10_000)
        return events

    async def words(self, actor: Actor = ALICE) -> list[str]:
        """What was noted for good."""
        events = await self.log(Stream.of_user(actor.known))
        return [self.instance.codec.parse(e.data)["word"] for e in events if e.tag == "test_noted"]


@asynccontextmanager
async def office(
    url: str,
    *,
    modules: Sequence[Module] = (),
    given: Mapping[type, Any] | None = None,
    flags: Path | None = None,
    start: bool = True,
    **plan: Any,
) -> AsyncIterator[Office]:
    """A running office on a store; without `start` nothing runs by itself, and the loops are there to be stepped."""
    desk, clock = Desk(), TickingClock()
    people = Cast({name: host_id(name) for name in ("alice", "bob", "carol")})
    ours: dict[type, Any] = {Clock: clock, Ids: CountingIds(), Passwords: QuickPasswords(), People: people, Desk: desk}
    settings = plan_of(Settings(database_url=url, feature_flags="", jwt_secret=SecretStr(SECRET)))
    all_modules = (*CORE, Module(FEATURE), *modules)
    whole = evolve(settings, given={**ours, **(given or {})}, modules=all_modules, flags_path=flags, **plan)
    instance = Instance(whole)
    try:
        await (instance.start() if start else instance.open())
        yield Office(instance, desk, clock)
    finally:
        await instance.stop()
