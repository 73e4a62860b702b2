"""`parlour` with a fault planted that shows when PostgreSQL goes away: `python -m tests.faults.sabotage_away <name> serve`."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from attrs import evolve

from parlour.adapters.sql.postgres_away import Away
from parlour.adapters.sql.postgres_batch import Batch
from parlour.adapters.sql.postgres_group import Sending, _Group, answer
from parlour.adapters.sql.postgres_link import Connection, Link, Reach
from parlour.application.kernel.health import Health
from parlour.config.cli import main
from parlour.config.instance import Instance
from parlour.domain.kernel.errors import Unavailable
from parlour.entrypoints.realtime.connections import Connections


def answer_before_commit() -> None:
    """What is sent is acknowledged while its commit is under way, and that takes its time."""
    rows, commit = _Group.rows, Link.run_and_commit

    def early(self: _Group, group: Sequence[Sending], logged: Any) -> str:
        for sending in group:
            answer(sending, None)
        return rows(self, group, logged)

    async def later(self: Link, connection: Connection, query: Any, given: Any) -> None:
        await asyncio.sleep(0.05)
        await commit(self, connection, query, given)

    _Group.rows, Link.run_and_commit = early, later  # type: ignore[method-assign]


def forget_keys() -> None:
    """What is sent again with its key is sent twice."""
    send = Batch.send

    def forgetful(self: Batch, sending: Sending) -> None:
        sending.draft = evolve(sending.draft, key=None)
        send(self, sending)

    Batch.send = forgetful  # type: ignore[method-assign]


def never_reconnect() -> None:
    """Once nothing could be had from the server, nobody tries again."""
    take, broken = Link.take, [False]

    async def resigned(self: Link) -> Connection:
        if broken[0]:
            raise Unavailable("It was away once.")
        try:
            return await take(self)
        except Unavailable:
            broken[0] = True
            raise

    Link.take = resigned  # type: ignore[method-assign]


def wait_for_ever() -> None:
    """Whoever finds no connection waits until there is one, and a statement takes as long as it takes."""
    made = Reach.__init__

    def patient(self: Reach, *given: Any, **bounds: Any) -> None:
        made(self, *given, **{**bounds, "patience": 3600.0, "statement": 3600.0})

    Reach.__init__ = patient  # type: ignore[method-assign]


def heartbeats_wait() -> None:
    """Heartbeats ask the store first."""
    compose, tick = Instance._compose, Connections.pulse

    def composed(self: Instance, container: Any) -> None:
        compose(self, container)
        check = container.store_check()

        async def asking(every: float = 0.25) -> None:
            pulse = asyncio.create_task(tick(self.connections, 3600.0))
            while True:
                await asyncio.sleep(every)
                await check.check()
                for connection in tuple(self.connections._open):
                    connection.tick(self.connections._clock())
                assert not pulse.done()

        self.connections.pulse = asking  # type: ignore[method-assign]

    Instance._compose = composed  # type: ignore[method-assign]


def be_well() -> None:
    """Health is said to be good without a look."""

    async def look(self: Health, check: Any) -> Any:
        return evolve(await seen(self, check), status="ok")

    seen = Health._look
    Health._look = look  # type: ignore[method-assign]


def tell_always() -> None:
    """Each try is told, not each outage."""
    begin = Away.begin

    def loud(self: Away) -> None:
        for _ in range(10):
            print("PostgreSQL does not let parlour in", file=sys.stderr)
        begin(self)

    Away.begin = loud  # type: ignore[method-assign]


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    sys.argv = ["parlour", *sys.argv[2:]]
    main()
