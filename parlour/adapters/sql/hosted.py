"""Use cases in a transaction of the host's, one after another, and the flush that gives their events places."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from ...application.kernel.actor import Actor
from ...application.kernel.uow import Kept, Key, TransactionUnfit
from .ground import Ground, undone
from .joined import NUMBERS, JoinedUnit
from .recorder import SQL, Recorder


class HostTransaction:
    """`Hosted` on a ground."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._turn = asyncio.Lock()
        self._waiting: dict[int, JoinedUnit] = {}
        self._flushed: dict[int, Collection[int]] = {}
        self._over = ""

    @property
    def connection(self) -> Any:
        return self._ground.connection

    def end(self, why: str) -> None:
        """Nothing more is done in it."""
        self._over = self._over or why

    @asynccontextmanager
    async def part(self, actor: Actor) -> AsyncIterator["JoinedUnit"]:
        async with self._turn:
            self._check()
            await self._ground.enter(actor)
            unit = JoinedUnit(self._ground, actor.user_id)
            try:
                yield unit
                await unit.commit()
            except asyncio.CancelledError:
                await unit.rollback()
                if unit.kept and unit.recording:
                    self._waiting[unit.number] = unit  # where it stands; the flush asks
                raise
            except BaseException:
                await unit.rollback()
                raise
            if unit.recording:
                self._waiting[unit.number] = unit

    async def claim(self, key: Key) -> Kept | None:
        where = {"actor": key.actor, "use_case": key.use_case, "key": key.key}
        return await self._ground.row(SQL.kept, Kept, **where)

    def release(self, key: Key) -> None:
        """It is held until the host's transaction ends."""

    async def flush(self) -> None:
        async with self._turn:
            self._check()
            waiting, self._waiting = self._waiting, {}
            if waiting or (self._flushed and await self._ground.goes_on()):
                try:
                    await self._settle(waiting)
                except BaseException:
                    self.end("its events could not be given their places, and without them nothing of it may stay")
                    raise

    async def _settle(self, waiting: Mapping[int, "JoinedUnit"]) -> None:
        ground, store, mine = self._ground, self._ground.store, next(NUMBERS)
        await ground.enter(None)
        try:
            recorder = Recorder(ground, store.means, store.epoch, None)
            standing = await self._standing(waiting)
            for number in standing:
                waiting[number].hand_over(recorder)
            ground.settling = True
            await ground.settled(await recorder.settle())
            await ground.keep(mine)
            self._flushed[mine] = standing
        except BaseException:
            await undone(ground)
            raise
        finally:
            ground.settling = False

    async def _standing(self, waiting: Collection[int]) -> list[int]:
        """Those of the parts that the host has not undone. A flush may be undone with all that it was for, not alone."""
        before = {part for parts in self._flushed.values() for part in parts}
        standing = set(await self._ground.standing([*waiting, *self._flushed, *before]))
        for flush, parts in self._flushed.items():
            if flush not in standing and not standing.isdisjoint(parts):
                raise TransactionUnfit("The host has undone a flush, and not what was done before it.")
        return sorted(standing.intersection(waiting))

    def _check(self) -> None:
        if self._over:
            raise TransactionUnfit(f"Nothing more can be done in this transaction: {self._over}.")
