"""Signals within one process."""

from collections.abc import Callable


class LocalSignals:
    """`Signals` by plain calls, at once and in order."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Callable[[bytes], None]]] = {}

    def heard(self, channel: str) -> bool:
        return channel in self._listeners

    def publish(self, channel: str, payload: bytes) -> None:
        for listener in tuple(self._listeners.get(channel, ())):
            listener(payload)

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> Callable[[], None]:
        self._listeners.setdefault(channel, []).append(listener)

        def stop() -> None:
            present = self._listeners.get(channel, [])
            if listener in present:
                present.remove(listener)
                if not present:
                    del self._listeners[channel]

        return stop
