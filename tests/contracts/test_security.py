"""The suites of passwords and tokens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parlour.adapters.security.passwords import Argon2Passwords
from parlour.adapters.security.tokens import JwtTokens, _derived
from parlour.testing import contracts

SECRET = b"a secret of this test, long enough"


class TestArgon2Passwords(contracts.PasswordsContract):
    """`Passwords`, cheaper than in earnest."""

    @pytest.fixture
    def passwords(self) -> Iterator[Argon2Passwords]:
        passwords = Argon2Passwords(together=2, queue=3, passes=1, memory_kib=8_192)
        yield passwords
        passwords.close()


class TestJwtTokens(contracts.TokensContract):
    """`Tokens`."""

    @pytest.fixture
    def tokens(self) -> JwtTokens:
        return JwtTokens({"1": SECRET})

    @pytest.fixture
    def other_tokens(self) -> JwtTokens:
        return JwtTokens({"1": b"another secret, just as long as it"})

    @pytest.fixture
    def sign(self) -> Callable[[Any, Any], str]:
        def sign(header: Any, claims: Any) -> str:
            return contracts.tokens._signed_with(_derived(SECRET, b"access"), header, claims)

        return sign
