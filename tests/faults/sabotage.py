"""`parlour` with a fault planted in it: `python -m tests.faults.sabotage <name> serve`. Each shows that its check sees it."""

import asyncio
import itertools
import os
import random
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from parlour.adapters.inprocess.signals import LocalSignals
from parlour.adapters.sql import postgres_batch, postgres_group
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.postgres_batch import Batch
from parlour.adapters.sql.postgres_link import Link
from parlour.adapters.sql.recorder import SQL, Recorder
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.config import server as config
from parlour.config.cli import main
from parlour.entrypoints import server
from parlour.entrypoints.realtime.connections import Connections
from parlour.entrypoints.realtime.followers import Feed, Follower
from parlour.entrypoints.realtime.hub import Hub
from parlour.entrypoints.realtime.outbound import Outbound
from parlour.entrypoints.realtime.traffic import Traffic

ONE = {"events": 1, "messages": 0, "rights": 0}
FAULTS: dict[str, Callable[[], None]] = {}


def fault(plant: Callable[[], None]) -> Callable[[], None]:
    FAULTS[plant.__name__] = plant
    return plant


@fault
def acknowledge_before_commit() -> None:
    """A message is acknowledged while its commit is still under way, and that takes its time."""
    _acknowledge_early_on_sqlite()
    _acknowledge_early_on_postgres()


def _acknowledge_early_on_sqlite() -> None:
    commit, join = SqliteStore._commit, SqliteStore.join_group

    async def later(self: SqliteStore) -> None:
        if any(map(_is_message, self._group)):
            await asyncio.sleep(0.1)
        await commit(self)

    def early(self: SqliteStore, unit: Any) -> Any:
        answer = join(self, unit)
        return asyncio.sleep(0) if _is_message((unit, answer)) else answer

    SqliteStore._commit, SqliteStore.join_group = later, early  # type: ignore[method-assign]


def _is_message(member: Any) -> bool:
    return any(event.tag == "text" for event in member[0].logged)


def _acknowledge_early_on_postgres() -> None:
    commit, give = Link.run_and_commit, Link.give
    late: dict[Any, asyncio.Task[None]] = {}

    async def later(self: Link, connection: Any, query: Query, given: Any) -> None:
        await asyncio.sleep(0.1)
        await commit(self, connection, query, given)
        del late[connection]
        await give(self, connection)

    async def early(self: Link, connection: Any, query: Query, given: Any) -> None:
        late[connection] = asyncio.create_task(later(self, connection, query, given))

    async def kept(self: Link, connection: Any) -> None:
        if connection not in late:
            await give(self, connection)

    Link.run_and_commit, Link.give = early, kept  # type: ignore[method-assign]


@fault
def lose_on_sigterm() -> None:
    """Acknowledge early, and die of SIGTERM as of SIGKILL."""
    acknowledge_before_commit()
    server._stop = lambda stop, server: os.kill(os.getpid(), signal.SIGKILL)


@fault
def forget_keys() -> None:
    """A message does not remember the key it came with."""
    append = SqlMessages.append

    async def forgetful(self: SqlMessages, draft: Any) -> Any:
        return await append(self, evolve(draft, key=None))

    send = Batch.send

    def forgetful_together(self: Batch, sending: Any) -> None:
        sending.draft = evolve(sending.draft, key=None)
        send(self, sending)

    SqlMessages.append, Batch.send = forgetful, forgetful_together  # type: ignore[method-assign]


@fault
def burn_offsets() -> None:
    """An offset is taken outside the transaction, so that a failed one leaves a gap."""
    advance = Recorder._advance

    async def burning(self: Recorder, stream: Any, pending: Any) -> Any:
        if random.random() < 0.1:
            given = {"owner_id": stream.owner, "topic": str(stream.topic), "epoch": self.epoch}
            await self.db.run(SQL.advance, **given, **ONE, head_id=self.means.ids.new())
        return await advance(self, stream, pending)

    write = postgres_group.write_group

    async def burning_together(store: Any, group: Any, *, patient: bool) -> Any:
        if random.random() < 0.1:
            unit, stream = store.unit(), group[0].known.stream
            async with unit:
                given = {"owner_id": stream.owner, "topic": str(stream.topic), "epoch": ""}
                await unit.run(SQL.advance, **given, **ONE, head_id=group[0].draft.id)
            await unit.commit()
        return await write(store, group, patient=patient)

    Recorder._advance = burning  # type: ignore[method-assign]
    postgres_batch.write_group = burning_together  # type: ignore[attr-defined]


@fault
def lose_signals() -> None:
    """Not a fault but bad weather: every third live event gets lost on its way. The hub must fill the gaps."""
    publish, count = LocalSignals.publish, itertools.count()

    def leaky(self: LocalSignals, channel: str, payload: bytes) -> None:
        if next(count) % 3:
            publish(self, channel, payload)

    LocalSignals.publish = leaky  # type: ignore[method-assign]


@fault
def skip_gaps() -> None:
    """Events get lost on their way, and the hub goes on behind the gap."""
    lose_signals()

    def careless(self: Follower, offset: int, frame: str) -> bool:
        if offset > self.cursor and not self.over:
            self.cursor = offset
            self.sink.show(frame)
        return True

    def jump(self: Hub, feed: Feed) -> None:
        feed.shown = max(feed.shown, feed.latest)

    brought = Hub._brought

    def on(self: Hub, feed: Feed, payload: bytes) -> None:
        offset = int.from_bytes(payload[:8], "big")
        feed.shown = max(feed.shown, offset - 1)
        brought(self, feed, payload)

    Follower.show = careless  # type: ignore[method-assign]
    Hub._catch_up, Hub._brought = jump, on  # type: ignore[method-assign]


@fault
def skip_events() -> None:
    """Some events are counted as shown, and are not."""
    show = Follower.show

    def skipping(self: Follower, offset: int, frame: str) -> bool:
        if offset % 7 == 0 and offset == self.cursor + 1:
            self.cursor = offset
            return True
        return show(self, offset, frame)

    Follower.show = skipping  # type: ignore[method-assign]


@fault
def show_twice() -> None:
    """Some events are shown twice."""
    show = Follower.show

    def twice(self: Follower, offset: int, frame: str) -> bool:
        shown = show(self, offset, frame)
        if shown and offset % 7 == 0:
            self.sink.show(frame)
        return shown

    Follower.show = twice  # type: ignore[method-assign]


@fault
def hoard() -> None:
    """What waits for a reader who does not read is kept without bound, and nobody is cut off."""
    build = Outbound.__init__

    def endless(self: Outbound, most: int, traffic: Traffic | None = None) -> None:
        build(self, 2**40, traffic)

    Outbound.__init__ = endless  # type: ignore[method-assign]
    means = config._socket_means
    config._socket_means = lambda instance, settings: evolve(means(instance, settings), send=3600.0)


@fault
def linger() -> None:
    """SIGTERM is heard, and nobody is let go."""

    async def forever(self: Connections, seconds: float) -> None:
        await asyncio.Event().wait()

    Connections.drain = forever  # type: ignore[method-assign]


def run(arguments: Sequence[str]) -> None:
    FAULTS[arguments[0]]()
    sys.argv = ["parlour", *arguments[1:]]
    main()


if __name__ == "__main__":
    run(sys.argv[1:])
