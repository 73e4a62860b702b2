"""One connection's watch over the presence of others: what changes is told once a second at most, all of it together."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from attrs import asdict

from ...application.kernel.actor import Call
from ...application.kernel.bus import Bus
from ...application.presence.queries import GetPresence
from ...application.presence.roster import Roster
from ...application.presence.views import PresenceView
from ...domain.kernel.errors import DomainError, Unavailable
from ...domain.kernel.ids import UserId
from ...domain.presence.presence import PresenceState
from .asking import PRESENCE

log = logging.getLogger("parlour.watching")

EVERY = 1.0

Look = Callable[[Sequence[UserId]], Awaitable[list[PresenceView]]]


def looking(bus: Bus, call: Callable[[], Call]) -> Look:
    """Looks by the query that everybody asks, as whoever the connection is at the moment."""

    async def look(user_ids: Sequence[UserId]) -> list[PresenceView]:
        views: list[PresenceView] = (await bus.execute(GetPresence(list(user_ids)), call())).value
        return views

    return look


def watching(id_: str | None, views: Sequence[PresenceView]) -> dict[str, Any]:
    """The frame that says who is there now."""
    return {"type": "subscribed", "id": id_, "topic": PRESENCE, "users": views}


class Watching:
    """`look` reads presence with the rights of the moment, `room` returns when the reader can take more, `say` sends."""

    def __init__(
        self,
        roster: Roster,
        look: Look,
        room: Callable[[], Awaitable[None]],
        say: Callable[[dict[str, Any]], None],
        now: Callable[[], datetime],
    ) -> None:
        self._roster, self._look, self._room, self._say, self._now = roster, look, room, say, now
        self._known: dict[UserId, PresenceView] = {}
        self._stops: dict[UserId, Callable[[], None]] = {}
        self._dirty: set[UserId] = set()
        self._telling: asyncio.Task[None] | None = None
        self._ready = False

    @property
    def on(self) -> bool:
        """Whether somebody was asked for, and not let go of since."""
        return self._ready

    async def watch(self, user_ids: Sequence[UserId]) -> list[PresenceView]:
        """Watch these instead of those before; who may not be watched is left out of the answer, and of the watch."""
        self.stop()
        self._stops = {u: self._roster.listen(u, self._changed) for u in user_ids}
        mine = self._stops
        try:
            views = await self._look(user_ids)
        except BaseException:
            if self._stops is mine:
                self.stop()
            raise
        if self._stops is mine:
            self._known = {v.user_id: v for v in views}
            for user_id in set(mine) - set(self._known):
                mine.pop(user_id)()
            self._ready = True
            self._wake()
        return views

    def stop(self) -> None:
        """Watch nobody."""
        for stop in self._stops.values():
            stop()
        self._stops, self._known, self._dirty, self._ready = {}, {}, set(), False
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    def _changed(self, user_id: UserId) -> None:
        self._dirty.add(user_id)
        self._wake()

    def _wake(self) -> None:
        if self._ready and self._dirty and self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        failed = False
        while self._dirty:
            await asyncio.sleep(EVERY)  # what happens until then goes along
            await self._room()
            dirty, self._dirty = self._dirty, set()
            try:
                seen = {v.user_id: v for v in await self._look(sorted(dirty))}
            except Unavailable:
                self._dirty |= dirty
                continue
            except DomainError:
                break  # it is not signed in any more, and will be closed
            except Exception:
                if not failed:
                    log.exception("presence could not be looked at; it is tried again")
                failed, self._dirty = True, self._dirty | dirty
                continue
            failed = False
            changes = [c for u in sorted(dirty) if (c := self._change(u, seen.get(u))) is not None]
            if changes:
                self._say(self._frame(changes))
        self._telling = None

    def _change(self, user_id: UserId, view: PresenceView | None) -> dict[str, Any] | None:
        before = self._known.get(user_id)
        if before is None:
            return None
        if view is None:  # they have nothing in common any more
            self._stops.pop(user_id)()
            del self._known[user_id]
            view = PresenceView(user_id, PresenceState.OFFLINE, None, None)
            return _shown(_kind(before.state, view.state), view) if before.state is not view.state else None
        self._known[user_id] = view
        if (view.state, view.until, view.chosen) == (before.state, before.until, before.chosen):
            return None
        return _shown(_kind(before.state, view.state), view)

    def _frame(self, changes: list[dict[str, Any]]) -> dict[str, Any]:
        """One change is a frame; several go in one frame of the type `presence`."""
        about = {"topic": PRESENCE, "id": str(uuid.uuid4()), "at": self._now()}
        if len(changes) == 1:
            return {"type": changes[0]["type"], **about, **changes[0]}
        return {"type": "presence", **about, "changes": changes}


def _kind(before: PresenceState, after: PresenceState) -> str:
    if after is PresenceState.OFFLINE and before is not after:
        return "user_left"
    return "user_joined" if before is PresenceState.OFFLINE and before is not after else "presence"


def _shown(kind: str, view: PresenceView) -> dict[str, Any]:
    said = asdict(view)
    if view.chosen is None:
        del said["chosen"]
    return {"type": kind, **said}
