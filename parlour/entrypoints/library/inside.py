"""Use cases in a transaction of the host's."""

from typing import Any, TypeVar

from ...application.kernel.actor import Actor, Call, Way
from ...application.kernel.bus import Bus
from ...application.kernel.catalogue import Message
from ...application.kernel.uow import Hosted

R = TypeVar("R")


class Inside:
    """A transaction of the host's, as `Chat.within` and `Chat.transaction` give it. One task uses it at a time."""

    def __init__(self, bus: Bus, host: Hosted) -> None:
        self._bus, self._host = bus, host
        self._keys: set[tuple[str, str]] = set()

    @property
    def connection(self) -> Any:
        """Where the host's own statements run. On SQLite it has `execute` and `executemany`, which run at once."""
        return self._host.connection

    async def execute(self, message: Message[R], actor: Actor, *, key: str | None = None) -> R:
        """Run a command or query here, as `Chat.execute` does. It sees what the transaction sees; an error undoes it alone.

        What has no offset before `flush` answers null there, and a message that was sent is found after it. It is tried
        once: a retryable error (`Raced`) is for the host, who rolls back and does all of it again.
        """
        if key is not None:
            if (actor.name, key) in self._keys:
                await self.flush()  # what was first done with it is found when it has its place
            self._keys.add((actor.name, key))
        answer = await self._bus.within(self._host, message, Call(actor, Way.LIBRARY, key=key))
        result: R = answer.value
        return result

    async def flush(self) -> None:
        """Give what was done here its place in the streams. From here to the commit others who write to the same streams
        wait, so it is the last thing before it; leaving the block does it otherwise."""
        await self._host.flush()
