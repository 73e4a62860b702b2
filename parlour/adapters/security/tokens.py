"""Access tokens as JWT (RFC 7519, 9068), refresh tokens as a keyed hash (RFC 2104)."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt

from ...application.kernel.ports import Claims
from ...domain.kernel.errors import Unauthenticated
from ...domain.kernel.ids import UserId

ALGORITHM = "HS256"
DANGEROUS = {"jku", "jwk", "x5u", "x5c", "crit"}
CLAIMS = ["exp", "iat", "iss", "aud", "sub", "sid", "typ"]


class JwtTokens:
    """`Tokens` by PyJWT with one algorithm. `secrets` are the keys by id; new tokens are signed with the first.

    Refresh tokens are not random: they are the HMAC of session and generation, so nothing of them is stored, whoever
    renews twice at once gets the same successor twice, and a spent one can be told from a forged one.
    """

    def __init__(self, secrets: dict[str, bytes], *, issuer: str = "parlour", audience: str = "parlour") -> None:
        self._access = {kid: _derived(secret, b"access") for kid, secret in secrets.items()}
        self._refresh = {kid: _derived(secret, b"refresh") for kid, secret in secrets.items()}
        self._letter = _derived(next(iter(secrets.values())), b"letter")
        self._kid = next(iter(secrets))
        self._issuer, self._audience = issuer, audience

    def access(self, user_id: UserId, session_id: UUID, now: datetime, expires_at: datetime) -> str:
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "typ": "access",
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(claims, self._access[self._kid], ALGORITHM, headers={"kid": self._kid})

    def read_access(self, token: str, now: datetime) -> Claims:
        try:
            claims = self._verified(token)
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            read = Claims(UserId(UUID(claims["sub"])), UUID(claims["sid"]), expires_at)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
            raise Unauthenticated("The access token is not valid.", code="invalid_token") from None
        if now >= expires_at:
            raise Unauthenticated("The access token has expired; refresh it.", code="token_expired")
        return read

    def _verified(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        key = self._access.get(header.get("kid", ""))
        if key is None or DANGEROUS & header.keys():
            raise jwt.InvalidTokenError
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=self._issuer,
            audience=self._audience,
            options={"require": CLAIMS, "verify_exp": False, "verify_iat": False},
        )
        if claims["typ"] != "access":
            raise jwt.InvalidTokenError
        return claims

    def letter(self, about: UUID) -> str:
        return hmac.digest(self._letter, about.bytes, hashlib.sha256).hex()

    def refresh(self, session_id: UUID, generation: int) -> str:
        head = session_id.bytes + generation.to_bytes(6, "big")
        tag = hmac.digest(self._refresh[self._kid], head, hashlib.sha256)
        return base64.urlsafe_b64encode(head + tag).decode().rstrip("=")

    def read_refresh(self, token: str) -> tuple[UUID, int]:
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        head, tag = raw[:22], raw[22:]
        known = [hmac.digest(key, head, hashlib.sha256) for key in self._refresh.values()]
        if len(head) != 22 or not any(hmac.compare_digest(tag, k) for k in known):
            raise Unauthenticated("The refresh token is not valid.", code="invalid_token")
        return UUID(bytes=head[:16]), int.from_bytes(head[16:], "big")


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose, so that one can never stand for another."""
    return hmac.digest(secret, b"parlour " + purpose, hashlib.sha256)
