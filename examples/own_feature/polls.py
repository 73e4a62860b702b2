"""A feature of the host's own: polls in rooms, with tables, a flag, an event and use cases for every way in.

It has the shape of parlour's own features, in one file since it is small. `POLLS` is what `parlour.open` is given.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from attrs import frozen

import parlour
from parlour.adapters.sql.db import Db
from parlour.adapters.sql.loader import Queries
from parlour.application.kernel.constraints import Length, Printable
from parlour.application.kernel.ports import Clock, Ids
from parlour.application.kernel.uow import UnitOfWork
from parlour.application.rooms.access import access_room, stream_of
from parlour.application.rooms.views import RoomStandings
from parlour.config.features import Module
from parlour.domain.kernel.errors import NotFound
from parlour.domain.kernel.event import event
from parlour.domain.kernel.ids import RoomId
from parlour.entrypoints.http.route import get, post, put

SQL = Queries(Path(__file__).parent / "polls.sql")


@event("poll_asked")
@frozen
class PollAsked(parlour.Event):
    """In the room: there is a poll."""

    poll_id: UUID
    question: str


@event("poll_voted")
@frozen
class PollVoted(parlour.Event):
    """In the room: somebody has chosen, or chosen anew."""

    poll_id: UUID
    user_id: parlour.UserId
    choice: str


@frozen
class Poll:
    """A question to the people of a room."""

    id: UUID
    room_id: RoomId
    question: str
    asked_by: parlour.UserId
    asked_at: datetime


@frozen
class Votes:
    """How many chose this."""

    choice: str
    votes: int


@frozen
class PollView:
    """A poll with its votes."""

    poll: Poll
    votes: list[Votes]


class Polls:
    """The polls, in the current unit of work or snapshot."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, poll: Poll, workspace_id: UUID) -> None:
        await self._db.run(
            SQL.add,
            id=poll.id,
            workspace_id=workspace_id,
            room_id=poll.room_id,
            question=poll.question,
            asked_by=poll.asked_by,
            asked_at=poll.asked_at,
        )

    async def get(self, poll_id: UUID) -> Poll:
        poll = await self._db.row(SQL.poll, Poll, id=poll_id)
        if poll is None:
            raise NotFound("There is no such poll, or it is not for you.")
        return poll

    async def vote(self, poll_id: UUID, user_id: UUID, choice: str) -> None:
        await self._db.run(SQL.vote, poll_id=poll_id, user_id=user_id, choice=choice)

    async def shown(self, poll: Poll) -> PollView:
        return PollView(poll, await self._db.rows(SQL.votes, Votes, poll_id=poll.id))


@frozen
class AskPoll(parlour.Command[PollView]):
    """Ask the people of a room something."""

    room_id: RoomId
    question: Annotated[str, Length(1, 255), Printable()]


async def ask_poll(
    command: AskPoll, actor: parlour.Actor, uow: UnitOfWork, polls: Polls, standings: RoomStandings,
    policy: parlour.Policy, clock: Clock, ids: Ids,
) -> PollView:  # fmt: skip
    async with uow:
        room = (await access_room(standings, policy, actor, command.room_id, parlour.Permission.ROOM_MESSAGE_SEND)).room
        poll = Poll(ids.new(), room.id, command.question, actor.known, clock.now())
        await polls.add(poll, room.workspace_id)
        await uow.record(stream_of(room), PollAsked(poll.id, poll.question))
    return PollView(poll, [])


@frozen
class VotePoll(parlour.Command[PollView]):
    """Choose; choosing again replaces the first choice."""

    poll_id: UUID
    choice: Annotated[str, Length(1, 255), Printable()]


async def vote_poll(
    command: VotePoll, actor: parlour.Actor, uow: UnitOfWork, polls: Polls, standings: RoomStandings,
    policy: parlour.Policy,
) -> PollView:  # fmt: skip
    async with uow:
        poll = await polls.get(command.poll_id)
        room = (await access_room(standings, policy, actor, poll.room_id, parlour.Permission.ROOM_MESSAGE_SEND)).room
        await polls.vote(poll.id, actor.known, command.choice)
        await uow.record(stream_of(room), PollVoted(poll.id, actor.known, command.choice))
        return await polls.shown(poll)


@frozen
class GetPoll(parlour.Query[PollView]):
    """A poll with its votes."""

    poll_id: UUID


async def get_poll(
    query: GetPoll, actor: parlour.Actor, polls: Polls, standings: RoomStandings, policy: parlour.Policy
) -> PollView:
    poll = await polls.get(query.poll_id)
    await access_room(standings, policy, actor, poll.room_id, parlour.Permission.ROOM_READ)
    return await polls.shown(poll)


POLLS = Module(
    parlour.Feature(
        "polls",
        use_cases=(parlour.use_case(ask_poll), parlour.use_case(vote_poll), parlour.use_case(get_poll)),
        flag="enable_polls",
    ),
    routes=(
        post("/api/rooms/{room_id}/polls", AskPoll, 201),
        get("/api/polls/{poll_id}", GetPoll),
        put("/api/polls/{poll_id}/vote", VotePoll),
    ),
    migrations=Path(__file__).parent / "migrations",
    scoped={Polls: Polls},
)
