"""What follows from events, in the unit that records them and on every instance after the commit."""

import logging
from collections.abc import Sequence

from ...domain.kernel.event import Event
from ...domain.kernel.streams import Stream
from .actor import SYSTEM, Call, Way
from .catalogue import Catalogue, Moment
from .flags import Flags
from .ports import Codec
from .uow import LoggedEvent, UnitOfWork
from .upkeep import event_of
from .wiring import Bound, Ports, bind

log = logging.getLogger("parlour.reactions")

CALL = Call(SYSTEM, Way.SYSTEM)


class Reactions:
    """The reactions of the features that are on, by the event's class."""

    def __init__(self, catalogue: Catalogue, ports: Ports, flags: Flags, codec: Codec) -> None:
        self._flags, self._codec = flags, codec
        self._in_unit = _bound(catalogue, Moment.IN_UNIT, ports)
        self._everywhere = {kind.tag: bound for kind, bound in _bound(catalogue, Moment.EVERYWHERE, ports).items()}

    @property
    def noticed(self) -> frozenset[str]:
        """The tags of the events that every instance reacts to."""
        return frozenset(self._everywhere)

    async def in_unit(self, event: Event, stream: Stream, work: UnitOfWork) -> None:
        """React at once, in the same unit."""
        for flag, reaction in self._in_unit.get(type(event), ()):
            if self._flags.on(flag):
                await reaction(event, stream, CALL, work)

    def everywhere(self, events: Sequence[LoggedEvent]) -> None:
        """React on this instance to what was committed, here or elsewhere. One that fails does not stop the others."""
        for logged in events:
            if logged.tag in self._everywhere:
                self._react(logged, self._everywhere[logged.tag])

    def _react(self, logged: LoggedEvent, reactions: list[tuple[str | None, Bound]]) -> None:
        for flag, reaction in reactions:
            if self._flags.on(flag):
                try:
                    reaction(event_of(logged, self._codec), logged, CALL, None)
                except Exception:
                    log.exception("a reaction to %s failed", logged.tag)


def _bound(catalogue: Catalogue, moment: Moment, ports: Ports) -> dict[type[Event], list[tuple[str | None, Bound]]]:
    found: dict[type[Event], list[tuple[str | None, Bound]]] = {}
    for feature in catalogue.features:
        for reaction in feature.reactions:
            if reaction.moment is moment:
                entry = (feature.flag, bind(reaction.handler, ports, 2, {}))
                found.setdefault(reaction.event, []).append(entry)
    return found
