"""What is kept of a secret instead of the secret."""

import hashlib


def digest_of(secret: str) -> bytes:
    """The SHA-256 of a secret that is long and random; not for passwords."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
