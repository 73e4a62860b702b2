"""Argon2id (RFC 9106) beside the event loop; bcrypt for hashes that come from elsewhere."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from ...domain.kernel.errors import TooMany

# The cost is the log2 of the rounds: 16 is 4 s or more, and beyond it one sign-in could hold a thread for hours.
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
_BCRYPT_BYTES = 72  # what comes behind was never looked at, by whatever made the hash


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

    def stale(self, hashed: str) -> bool:
        try:
            return self._hasher.check_needs_rehash(hashed)
        except InvalidHashError:
            return True

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, hashed: str, password: bytes) -> bool:
        if hashed.startswith("$2"):
            return _is_bcrypt_of(hashed, password)
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


def _is_bcrypt_of(hashed: str, password: bytes) -> bool:
    if not _BCRYPT.fullmatch(hashed):
        return False
    import bcrypt  # only where such hashes were imported

    return bcrypt.checkpw(password[:_BCRYPT_BYTES], hashed.encode())
