"""Argon2id (RFC 9106) beside the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from ...domain.kernel.errors import TooMany


class Argon2Passwords:
    """`Passwords` by argon2id, in a pool of threads: `together` at a time, `queue` waiting, then `TooMany`.

    The costs are OWASP's least for argon2id: 2 passes over 19 MiB, one lane; about 50 ms.
    """

    def __init__(self, *, together: int = 2, queue: int = 20, passes: int = 2, memory_kib: int = 19_456) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._pool = ThreadPoolExecutor(together, thread_name_prefix="parlour-argon2")
        self._room = together + queue
        self._decoy = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        hashed: str = await self._aside(partial(self._hasher.hash, _bytes(password)))
        return hashed

    async def verify(self, password: str, hashed: str | None) -> bool:
        right: bool = await self._aside(partial(self._matches, hashed or self._decoy, _bytes(password)))
        return right and hashed is not None

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, hashed: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (Argon2Error, InvalidHashError):
            return False

    async def _aside(self, work: partial[Any]) -> Any:
        if self._room <= 0:
            raise TooMany("Too many people are signing in; wait a little.", retry_after=1.0, code="sign_in_busy")
        self._room -= 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(self._leave)
        return await asyncio.shield(future)

    def _leave(self, _: object) -> None:
        self._room += 1


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
