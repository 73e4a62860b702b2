"""A cache within one process."""

from collections import OrderedDict
from collections.abc import Callable


class LocalCache:
    """`Cache` of the `size` values used last; `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float], size: int = 10_000) -> None:
        self._clock, self._size = clock, size
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        held = self._values.get(key)
        if held is None:
            return None
        if self._clock() >= held[0]:
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return held[1]

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        self._values[key] = (self._clock() + seconds, value)
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    def drop(self, *keys: str) -> None:
        for key in keys:
            self._values.pop(key, None)
