"""Tokens: whoever did not get them from parlour cannot make them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from ...application.kernel.ports import Claims, Tokens
from ...domain.kernel.errors import Unauthenticated
from .support import NOW, a_user, later

Parts = tuple[dict[str, Any], dict[str, Any], bytes]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _taken_apart(token: str) -> Parts:
    header, claims, signature = token.split(".")
    return json.loads(_decoded(header)), json.loads(_decoded(claims)), _decoded(signature)


def _signed_with(key: bytes, header: Any, claims: Any) -> str:
    text = _encoded(json.dumps(header).encode()) + "." + _encoded(json.dumps(claims).encode())
    return text + "." + _encoded(hmac.digest(key, text.encode(), hashlib.sha256))


FORGED: dict[str, Callable[[Parts], tuple[Any, Any]]] = {
    "alg none": lambda p: ({**p[0], "alg": "none"}, p[1]),
    "another algorithm": lambda p: ({**p[0], "alg": "HS512"}, p[1]),
    "no key id": lambda p: ({k: v for k, v in p[0].items() if k != "kid"}, p[1]),
    "a list as key id": lambda p: ({**p[0], "kid": []}, p[1]),
    "another key id": lambda p: ({**p[0], "kid": "../../etc/passwd"}, p[1]),
    "jku": lambda p: ({**p[0], "jku": "https://example.org/keys"}, p[1]),
    "jwk": lambda p: ({**p[0], "jwk": {"kty": "oct", "k": "AA"}}, p[1]),
    "x5u": lambda p: ({**p[0], "x5u": "https://example.org/cert"}, p[1]),
    "crit": lambda p: ({**p[0], "crit": ["exp"]}, p[1]),
    "a list as header": lambda p: ([], p[1]),
    "a list as claims": lambda p: (p[0], []),
    "another type": lambda p: (p[0], {**p[1], "typ": "refresh"}),
    "another audience": lambda p: (p[0], {**p[1], "aud": "somebody"}),
    "another issuer": lambda p: (p[0], {**p[1], "iss": "somebody"}),
    "text as expiry": lambda p: (p[0], {**p[1], "exp": "never"}),
    "an endless expiry": lambda p: (p[0], {**p[1], "exp": 1e300}),
    "no id as subject": lambda p: (p[0], {**p[1], "sub": "admin"}),
    "a number as subject": lambda p: (p[0], {**p[1], "sub": 1}),
    "no id as session": lambda p: (p[0], {**p[1], "sid": ["x"]}),
}
GARBAGE = [
    "",
    ".",
    "..",
    "...",
    "a.b.c",
    "\0",
    "ä.ö.ü",
    "\ud800",
    "x" * 100_000,
    "[" * 9_000,
    "A" * 72,
    "e30.e30.",
    "é" * 72,
]


def _deep() -> str:
    return ".".join([_encoded(b"[" * 20_000 + b"]" * 20_000)] * 2 + [_encoded(b"x")])


@pytest.mark.row("ID2")
class TokensContract:
    """`Tokens`. Asks for `tokens`, for `other_tokens` made with another key, and for `sign`, which signs a header and
    claims, both any JSON, as `tokens` would: to make what only somebody with the key could."""

    @pytest.fixture
    def token(self, tokens: Tokens) -> str:
        return tokens.access(a_user(), uuid4(), NOW, later(60))

    def test_what_was_said_is_read(self, tokens: Tokens) -> None:
        user, session = a_user(), uuid4()
        token = tokens.access(user, session, NOW, later(60))
        assert tokens.read_access(token, NOW) == Claims(user, session, later(60))
        assert tokens.read_access(token, later(59)).expires_at == later(60)

    def test_it_expires(self, tokens: Tokens, token: str) -> None:
        for when in (later(60), later(61), datetime(9999, 1, 1, tzinfo=UTC)):
            with pytest.raises(Unauthenticated) as caught:
                tokens.read_access(token, when)
            assert caught.value.code == "token_expired"

    def _refused(self, tokens: Tokens, token: str) -> None:
        with pytest.raises(Unauthenticated) as caught:
            tokens.read_access(token, NOW)
        assert caught.value.code == "invalid_token"
        assert caught.value.__cause__ is None

    def test_signing_by_hand_makes_what_is_read(
        self, tokens: Tokens, token: str, sign: Callable[[Any, Any], str]
    ) -> None:
        header, claims, _ = _taken_apart(token)
        assert tokens.read_access(sign(header, claims), NOW).expires_at == later(60)

    @pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
    def test_what_is_not_quite_a_token_is_refused_though_well_signed(
        self, tokens: Tokens, token: str, sign: Callable[[Any, Any], str], forge: Callable[[Parts], tuple[Any, Any]]
    ) -> None:
        header, claims = forge(_taken_apart(token))
        self._refused(tokens, sign(header, claims))
        text = _encoded(json.dumps(header).encode()) + "." + _encoded(json.dumps(claims).encode())
        self._refused(tokens, text + ".")

    def test_every_claim_is_needed(self, tokens: Tokens, token: str, sign: Callable[[Any, Any], str]) -> None:
        header, claims, _ = _taken_apart(token)
        assert {"exp", "iss", "aud", "sub", "sid", "typ"} <= set(claims)
        for missing in claims:
            self._refused(tokens, sign(header, {k: v for k, v in claims.items() if k != missing}))

    def test_one_changed_character_is_seen(self, tokens: Tokens, token: str) -> None:
        for place in range(0, len(token), 7):
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            self._refused(tokens, changed)

    def test_those_of_another_key_are_refused(self, tokens: Tokens, other_tokens: Tokens, token: str) -> None:
        self._refused(other_tokens, token)
        header, claims, _ = _taken_apart(token)
        self._refused(tokens, _signed_with(b"a guessed key" * 3, header, claims))
        with pytest.raises(Unauthenticated):
            other_tokens.read_refresh(tokens.refresh(uuid4(), 1))

    @pytest.mark.parametrize("garbage", [*GARBAGE, _deep()], ids=lambda g: ascii(g[:10]))
    def test_garbage_is_refused(self, tokens: Tokens, garbage: str) -> None:
        self._refused(tokens, garbage)
        with pytest.raises(Unauthenticated):
            tokens.read_refresh(garbage)

    def test_the_secret_of_a_letter_is_always_the_same(self, tokens: Tokens) -> None:
        one, other = uuid4(), uuid4()
        assert tokens.letter(one) == tokens.letter(one)
        assert len({tokens.letter(one), tokens.letter(other), tokens.refresh(one, 1)}) == 3
        assert len(tokens.letter(one)) >= 43, "256 bits"

    def test_a_refresh_token_is_of_one_session_and_generation(self, tokens: Tokens) -> None:
        session = uuid4()
        token = tokens.refresh(session, 7)
        assert tokens.read_refresh(token) == (session, 7)
        assert tokens.refresh(session, 7) == token, "who renews twice at once gets the same"
        assert len({token, tokens.refresh(session, 8), tokens.refresh(uuid4(), 7)}) == 3

    def test_a_refresh_token_cannot_be_changed(self, tokens: Tokens, token: str) -> None:
        refresh = tokens.refresh(uuid4(), 1)
        for place in range(len(refresh)):
            changed = refresh[:place] + ("A" if refresh[place] != "A" else "B") + refresh[place + 1 :]
            with pytest.raises(Unauthenticated):
                tokens.read_refresh(changed)
        for wrong in (refresh[:-1], refresh + "AA", refresh * 2, token):
            with pytest.raises(Unauthenticated):
                tokens.read_refresh(wrong)
        self._refused(tokens, refresh)
