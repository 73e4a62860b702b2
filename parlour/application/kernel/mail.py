"""Letters by e-mail: waiting in the store from the commit that asks for them, written and sent behind it."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from attrs import frozen

from ...domain.kernel.errors import Conflict, DomainError, Unavailable
from .actor import SYSTEM, Call, Way
from .bus import Bus
from .ports import Clock, Leadership
from .uow import Store
from .wiring import Scoped

log = logging.getLogger("parlour.mail")

POSTS_OWN = {way: "a letter is written as it is sent" for way in Way if way is not Way.SYSTEM}
AT_ONCE = 50
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0


@frozen
class Letter:
    """What one person is told by e-mail: plain text."""

    to: str
    subject: str
    text: str


class LetterRefused(Conflict):
    """A letter that cannot be delivered, however often it is tried."""

    default_code = "letter_refused"


class Mailer(Protocol):
    """Brings letters on their way."""

    async def send(self, letter: Letter, letter_id: UUID) -> None:
        """Returns when the letter is safe with whoever delivers it. The same id again is the same letter, and its
        `Message-ID` says so. `Unavailable` when it may work later, `LetterRefused` when it never will: an address or a
        subject that would be more than one line of the head, for one."""


@frozen
class Waiting:
    """A letter that is asked for. `name` is the use case that writes it, asked with `data`: no secret stands in it. After
    `until` it is of no use to anybody."""

    id: UUID
    name: str
    data: dict[str, Any]
    due_at: datetime
    until: datetime
    tries: int = 0


class Letters(Protocol):
    """The letters that wait, in the current unit of work."""

    async def add(self, letter: Waiting) -> None: ...

    async def due(self, now: datetime, most: int) -> list[Waiting]:
        """Those whose time has come, the longest overdue first."""

    async def again(self, letter_id: UUID, due_at: datetime) -> None:
        """One more try was made in vain; the next is at a time."""

    async def done(self, letter_id: UUID) -> None:
        """It waits no more."""


class PostLoop:
    """Writes and sends what waits: the leader of all instances, one letter after another, at least once each. A letter
    that finds nobody comes again, with growing waits, until it is of no use."""

    def __init__(
        self, bus: Bus, store: Store, letters: Scoped, mailer: Mailer, clock: Clock, leadership: Leadership,
        every: float = 1.0,
    ) -> None:  # fmt: skip
        self._bus, self._store, self._letters, self._mailer = bus, store, letters, mailer
        self._clock, self._leadership, self._every = clock, leadership, every

    async def run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> int:
        """Send what is due now; how many letters waited for it."""
        if not await self._leadership.lead("post"):
            return 0
        async with self._store.snapshot() as snapshot:
            letters: Letters = self._letters.make(snapshot)
            due = await letters.due(self._clock.now(), AT_ONCE)
        for waiting in due:
            again_at = await self._tried(waiting)
            await self._settle(waiting, again_at)
        return len(due)

    async def _tried(self, waiting: Waiting) -> datetime | None:
        """Send one letter; when to try again, if ever."""
        if self._clock.now() >= waiting.until:
            log.warning("gave up a letter (%s, %s) after %d tries", waiting.name, waiting.id, waiting.tries)
            return None
        try:
            answer = await self._bus.call(waiting.name, waiting.data, Call(SYSTEM, Way.SYSTEM))
            if answer.value is not None:
                await self._mailer.send(answer.value, waiting.id)
        except DomainError as error:
            if not error.retryable:
                log.warning("a letter (%s, %s) was refused: %s", waiting.name, waiting.id, error.code)
                return None
        except Exception:
            log.exception("a letter failed (%s, %s)", waiting.name, waiting.id)
        else:
            return None
        return self._clock.now() + timedelta(seconds=min(FIRST_WAIT * 2**waiting.tries, LONGEST_WAIT))

    async def _settle(self, waiting: Waiting, again_at: datetime | None) -> None:
        work = self._store.unit(SYSTEM)
        try:
            async with work:
                letters: Letters = self._letters.make(work)
                if again_at is None:
                    await letters.done(waiting.id)
                else:
                    await letters.again(waiting.id, again_at)
            await work.commit()
        except BaseException:
            await work.rollback()
            raise


def away(what: str) -> Unavailable:
    """What a mailer says when whoever delivers is not there."""
    return Unavailable(f"Letters cannot be sent now: {what}.", retry_after=30, code="mail_unavailable")
