"""Notes to oneself: the use cases, what they need of a store, and what follows from them."""

from typing import Annotated, Protocol

from attrs import frozen

from parlour.application.kernel.actor import Actor
from parlour.application.kernel.catalogue import Command, Query
from parlour.application.kernel.constraints import Length, Printable
from parlour.application.kernel.uow import UnitOfWork
from parlour.domain.kernel.ids import UserId
from parlour.domain.kernel.streams import Stream

from .domain import NoteCounted, NoteWritten


@frozen
class Note:
    """A note, and how many one has with it."""

    text: str
    number: int


class Notes(Protocol):
    """Notes, in the current unit of work or snapshot."""

    async def add(self, user_id: UserId, text: str) -> int:
        """Keep a note; how many there are now."""

    async def of(self, user_id: UserId) -> list[Note]: ...


@frozen
class WriteNote(Command[Note]):
    """Write something down."""

    text: Annotated[str, Length(1, 100), Printable()]


async def write_note(command: WriteNote, actor: Actor, uow: UnitOfWork, notes: Notes) -> Note:
    async with uow:
        number = await notes.add(actor.known, command.text)
        await uow.record(Stream.of_user(actor.known), NoteWritten(actor.known, command.text))
    return Note(command.text, number)


@frozen
class ListNotes(Query[list[Note]]):
    """What one has written down, in order."""


async def list_notes(query: ListNotes, actor: Actor, notes: Notes) -> list[Note]:
    return await notes.of(actor.known)


async def when_note_is_written_count_it(event: NoteWritten, stream: Stream, uow: UnitOfWork, notes: Notes) -> None:
    await uow.record(stream, NoteCounted(event.user_id, len(await notes.of(event.user_id))))
