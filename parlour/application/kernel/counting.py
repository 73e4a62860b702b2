"""Taking from the rate limits: what is counted, and as whose."""

import hashlib
from typing import Any

from ...domain.kernel.errors import TooMany
from ...domain.kernel.text import folded
from .actor import Call, Way
from .catalogue import Message, UseCase
from .limits import FIELD, Rates
from .ports import RateLimits

EVERYWHERE = ("connection", "workspace")  # rates that count whatever is asked for, where they are set
CHARACTERS = 512
"""So much of what a field says is looked at; names and addresses are shorter."""


class Counting:
    """Takes from the rate limits, and refuses with `TooMany` what is too much. What the host and parlour itself do is not
    counted."""

    def __init__(self, rates: Rates, rate_limits: RateLimits) -> None:
        self._rates, self._rate_limits = rates, rate_limits

    async def caller(self, entry: UseCase, call: Call) -> None:
        """Count a call as its caller's, before anything that it says is looked at: so what is not valid counts too."""
        await self.take(call, *entry.rates, *EVERYWHERE)

    async def said(self, entry: UseCase, call: Call, message: Message[Any]) -> None:
        """Count a call by what it says, wherever that stood in the request."""
        by_name = self._rates.by_name
        said = [name for name in entry.rates if name in by_name and by_name[name].per.startswith(FIELD)]
        given = [name for part, name in entry.rates_with.items() if getattr(message, part) is not None]
        await self.take(call, *said, *given, message=message)

    async def take(self, call: Call, *names: str, message: Message[Any] | None = None) -> None:
        """Take one from each of some rates; from those that count what a field says, only with a message."""
        if not call.counted or call.way in {Way.LIBRARY, Way.SYSTEM}:
            return
        for name in names:
            rate = self._rates.by_name.get(name)
            if rate is not None and rate.count and (who := _counted(rate.per, call, message)) is not None:
                call.allowance = allowance = await self._rate_limits.take(rate, who)
                if allowance.retry_after > 0:
                    raise TooMany("Too many requests; wait a little.", retry_after=allowance.retry_after)


def _counted(per: str, call: Call, message: Message[Any] | None) -> str | None:
    if per == "user":
        return str(call.actor.user_id) if call.actor.user_id else call.address
    if per == "address":
        return call.address
    if per == "connection":
        return call.request_id if call.way is Way.WEBSOCKET else None
    if per == "workspace":
        return str(call.actor.workspace_id) if call.actor.workspace_id else None
    said = (getattr(message, name, None) for name in per.removeprefix(FIELD).split("|"))
    return next((_digest(value) for value in said if isinstance(value, str)), None)


def _digest(said: str) -> str:
    """What stands for a text in the memory of a limit: it is as it is looked up, and of one size whatever is sent."""
    return hashlib.blake2b(folded(said[:CHARACTERS]).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
