"""Passwords."""

import asyncio
import statistics
import time

import pytest

from ...application.kernel.ports import Passwords
from ...domain.kernel.errors import TooMany
from .support import SOON

# "correct horse" by bcrypt, and by argon2id at a cost of long ago
BCRYPT = {
    "2a": "$2a$04$AkjwQYB99rhhlTO8zZHs8ug/wroBfiWrlAFecfqX.8mQL6TFSJSOi",
    "2b": "$2b$04$AkjwQYB99rhhlTO8zZHs8ug/wroBfiWrlAFecfqX.8mQL6TFSJSOi",
    "2y": "$2y$04$AkjwQYB99rhhlTO8zZHs8ug/wroBfiWrlAFecfqX.8mQL6TFSJSOi",
}
CHEAP = "$argon2id$v=19$m=64,t=1,p=1$yWg6CiDuhdFHsxctzhg0pw$k9n/KTMypQINOGvFphBJc66CrK5tDBtfuB8uAp+AdLw"
JBCRYPT = {
    "a": "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
    "abc": "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
}
LONG = "x" * 72
LONG_BCRYPT = "$2b$04$wJdxT1LeptWeHAB/LBz44ekrBLetk/Ag5AGkktGERALGZFHM9nACu"

ODD = ["", "x" * 128, "пароль 🔑", "with\0nul", "half \ud800 a pair", "\xe9", "e\u0301"]


@pytest.mark.row("ID1")
class PasswordsContract:
    """`Passwords`. Asks for `passwords`, which work on two at a time and let three more wait."""

    async def test_the_right_one_and_no_other(self, passwords: Passwords) -> None:
        hashed = await passwords.hash("correct horse")
        assert await passwords.verify("correct horse", hashed)
        for wrong in ("Correct horse", "correct horse ", "", "correct"):
            assert not await passwords.verify(wrong, hashed)

    async def test_a_hash_is_argon2id_salted_and_tells_nothing(self, passwords: Passwords) -> None:
        one, other = await passwords.hash("correct horse"), await passwords.hash("correct horse")
        assert one != other
        assert one.startswith("$argon2id$")
        assert "correct" not in one

    @pytest.mark.parametrize("odd", ODD, ids=ascii)
    async def test_odd_ones_are_passwords_too(self, passwords: Passwords, odd: str) -> None:
        hashed = await passwords.hash(odd)
        assert await passwords.verify(odd, hashed)
        assert not await passwords.verify(odd + "x", hashed)

    @pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=1", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"])
    async def test_a_broken_hash_is_never_right(self, passwords: Passwords, broken: str) -> None:
        assert not await passwords.verify("anything", broken)

    @pytest.mark.parametrize("hashed", BCRYPT.values(), ids=BCRYPT.keys())
    async def test_an_imported_bcrypt_hash_is_verified_and_stale(self, passwords: Passwords, hashed: str) -> None:
        assert await passwords.verify("correct horse", hashed)
        for wrong in ("Correct horse", "correct horse ", "", "correct", "correct horse\0"):
            assert not await passwords.verify(wrong, hashed)
        assert passwords.stale(hashed)

    @pytest.mark.parametrize("password, hashed", JBCRYPT.items())
    async def test_hashes_of_another_program_are_verified(
        self, passwords: Passwords, password: str, hashed: str
    ) -> None:
        assert await passwords.verify(password, hashed)
        assert not await passwords.verify(password + "x", hashed)

    async def test_of_a_bcrypt_hash_the_first_72_bytes_count(self, passwords: Passwords) -> None:
        assert await passwords.verify(LONG, LONG_BCRYPT)
        assert await passwords.verify(LONG + " and more", LONG_BCRYPT)
        assert not await passwords.verify(LONG[:-1] + "y", LONG_BCRYPT)
        assert not await passwords.verify(LONG[:-1], LONG_BCRYPT)

    @pytest.mark.parametrize("planted", ["$2b$04$", "$2b$31$", "$2x$04$", "$2b$4$", "$2b$04$\n"])
    async def test_a_broken_or_endless_bcrypt_hash_is_never_right(self, passwords: Passwords, planted: str) -> None:
        rest = "" if planted == "$2b$04$" else BCRYPT["2b"][7:]
        async with asyncio.timeout(SOON):
            assert not await passwords.verify("correct horse", planted + rest)

    async def test_a_hash_of_today_is_not_stale_and_one_of_another_cost_is(self, passwords: Passwords) -> None:
        assert not passwords.stale(await passwords.hash("correct horse"))
        assert await passwords.verify("correct horse", CHEAP)
        assert passwords.stale(CHEAP)

    async def test_nobody_is_never_right_and_takes_as_long(self, passwords: Passwords) -> None:
        hashed = await passwords.hash("correct horse")
        somebody, nobody = list[float](), list[float]()
        for _ in range(7):
            for known, times in ((hashed, somebody), (None, nobody)):
                begun = time.perf_counter()
                assert not await passwords.verify("nobody's password", known)
                times.append(time.perf_counter() - begun)
        ratio = statistics.median(nobody) / statistics.median(somebody)
        assert 0.4 < ratio < 2.5, f"time tells whether there is such a user: {ratio:.2f}"

    async def test_the_loop_goes_on_meanwhile(self, passwords: Passwords) -> None:
        hashing, turns = asyncio.create_task(passwords.hash("correct horse")), 0
        while not hashing.done():
            turns += 1
            await asyncio.sleep(0)
        assert turns > 3, "hashing held up the event loop"

    @pytest.mark.row("OP7")
    async def test_when_too_many_wait_the_next_is_told(self, passwords: Passwords) -> None:
        answers = await asyncio.gather(*(passwords.hash("x") for _ in range(12)), return_exceptions=True)
        refused = [a for a in answers if isinstance(a, TooMany)]
        assert len(refused) == 12 - 5
        assert all(r.retryable and r.retry_after > 0 for r in refused)
        assert len(await asyncio.gather(*(passwords.hash("x") for _ in range(5)))) == 5, "there is room again"

    async def test_who_gives_up_leaves_no_hole(self, passwords: Passwords) -> None:
        for _ in range(4):
            waiting = [asyncio.create_task(passwords.hash("x")) for _ in range(5)]
            await asyncio.sleep(0)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        async with asyncio.timeout(SOON):
            while any(isinstance(a, TooMany) for a in await self._five(passwords)):  # noqa: ASYNC110 - others finish
                await asyncio.sleep(0.001)

    async def _five(self, passwords: Passwords) -> list[str | BaseException]:
        return await asyncio.gather(*(passwords.hash("x") for _ in range(5)), return_exceptions=True)
