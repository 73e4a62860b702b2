"""Random scripts of what several people do and how their clients come and go, for the flagship property."""

from typing import Any
from uuid import UUID

import attrs
from attrs import frozen
from hypothesis import strategies as st

from ..application.identity.commands import ChangePassword, Refresh, SignIn, SignUp
from ..application.kernel.catalogue import Command
from ..application.messages.commands import DeleteMessage, EditMessage, SendMessage
from ..application.messages.pins import PinMessage, UnpinMessage
from ..application.messages.reacting import AddReaction, RemoveReaction
from ..application.rooms.retention import ClearRoomRetention, SetRoomRetention
from ..domain.kernel.ids import MessageId, RoomId, WorkspaceId
from .strategies import COMMANDS, USERS, Known, answers, commands, days, pick, stand_in
from .text import contents, emoji

CAST = ("alice", "bob", "carol", "mallory")
KNOWN = Known(
    workspaces=tuple(WorkspaceId(stand_in(2, n)) for n in range(3)),
    rooms=tuple(RoomId(stand_in(3, n)) for n in range(6)),
    messages=tuple(MessageId(stand_in(4, n)) for n in range(6)),
)
SIGNING = (SignUp, SignIn, Refresh, ChangePassword)  # of no topic's concern, but slow to draw


@frozen
class Act:
    """Somebody asks for something; a refusal is fine."""

    who: str
    command: Command[Any]


@frozen
class Together:
    """Several at once."""

    acts: list[Act]


@frozen
class Follow:
    """A client of somebody loads a topic and follows it."""

    who: str
    topic: UUID


@frozen
class Cut:
    """A client loses its connection: the nth, counted round and round."""

    client: int


@frozen
class Resume:
    """A client comes back where it was; it may lose its connection again after some turns of the loop."""

    client: int
    cut_after: int | None = None


@frozen
class Away:
    """Some clients lose their connections, things happen, perhaps retention does its work, and they come back."""

    clients: list[int]
    acts: list[Act]
    retain: bool = False


@frozen
class Retain:
    """Retention removes what is old; every step that follows may find its position gone."""


@frozen
class Due:
    """Hours go by, and the scheduler does what is due: it says what was to be said later, and ends what has an end."""


@frozen
class Expire:
    """Some days go by, and what is older than the rule of a room goes."""

    room: RoomId
    days: int


@frozen
class Compare:
    """Everybody's snapshot is compared with a fresh query now."""


Step = Act | Together | Follow | Cut | Resume | Away | Retain | Due | Expire | Compare


def acts() -> st.SearchStrategy[Act]:
    """Any command by anybody; talking more often than the rest, and by those who may most."""
    where = pick((*KNOWN.rooms[:2], *KNOWN.rooms[:2], *KNOWN.rooms))
    send = st.builds(SendMessage, where, contents())
    change = st.builds(EditMessage, pick(KNOWN.messages), contents()) | st.builds(DeleteMessage, pick(KNOWN.messages))
    react = st.builds(AddReaction, pick(KNOWN.messages), emoji()) | st.builds(
        RemoveReaction, pick(KNOWN.messages), emoji()
    )
    pin = st.builds(PinMessage, pick(KNOWN.messages)) | st.builds(UnpinMessage, pick(KNOWN.messages))
    keep = st.builds(SetRoomRetention, where, days()) | st.builds(ClearRoomRetention, where)
    talked = send | send | change | react | pin | keep | answers(KNOWN, (*KNOWN.rooms[:2], *KNOWN.rooms[:4]))
    talk = st.builds(Act, pick(("alice", "alice", "bob", "carol")), talked)
    return talk | st.builds(Act, pick(("alice", "alice", "bob", *CAST)), commands(KNOWN, without=SIGNING))


def scripts(bursts: int = 8) -> st.SearchStrategy[list[Step]]:
    """Scripts: some clients come, then bursts of acts, of clients that come and go, and of retention."""
    topic = pick((*KNOWN.rooms[:2], KNOWN.workspaces[0], *KNOWN.rooms[:4], USERS[0], USERS[1]))
    coming = st.builds(Follow, pick((*CAST[:3], *CAST)), topic)
    client = st.integers(0, 7)
    away = st.builds(
        Away, st.lists(client, min_size=1, max_size=4), st.lists(acts(), min_size=1, max_size=8), st.booleans()
    )
    going = (
        st.builds(Cut, client)
        | st.builds(Resume, client, st.none() | st.integers(0, 6))
        | away
        | st.builds(Retain)
        | st.builds(Due)
        | st.builds(Expire, pick((*KNOWN.rooms[:2], *KNOWN.rooms[:4])), st.integers(0, 3))
        | st.builds(Compare)
    )
    together = st.builds(Together, st.lists(acts(), min_size=2, max_size=4))
    step: st.SearchStrategy[Step] = acts() | coming | acts() | going | acts() | away | together
    burst = st.lists(step, max_size=10)  # always as many bursts, some of them empty: long scripts that shrink well
    return st.builds(_joined, st.lists(coming, max_size=12), st.tuples(*[burst] * bursts))


def _joined(coming: list[Step], bursts: tuple[list[Step], ...]) -> list[Step]:
    return [*coming, *(step for burst in bursts for step in burst)]


def resolved(value: Any, things: dict[int, list[Any]]) -> Any:
    """`value` with stand-ins replaced by things of the world, wherever they stand in it."""
    if isinstance(value, UUID) and value.int >> 124 == 0xF:
        pool = things.get(value.int >> 64 & 0xFF) or [value]
        return pool[(value.int & 0xFFFF) % len(pool)]
    if isinstance(value, list):
        return [resolved(v, things) for v in value]
    if isinstance(value, dict):
        return {k: resolved(v, things) for k, v in value.items()}
    if isinstance(value, str):
        return _resolved_text(value, things)
    if attrs.has(type(value)):
        return attrs.evolve(
            value, **{a.name: resolved(getattr(value, a.name), things) for a in attrs.fields(type(value))}
        )
    return value


def _resolved_text(text: str, things: dict[int, list[Any]]) -> str:
    if text.startswith("invitation-") and things.get(7):
        return str(things[7][int(text.rpartition("-")[2]) % len(things[7])])
    if len(text) == 36 and text.startswith("f"):
        return str(resolved(UUID(text), things))
    return text


assert set(SIGNING) <= set(COMMANDS)
