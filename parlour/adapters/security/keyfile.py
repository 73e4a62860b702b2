"""The signing key of an instance that was given none, kept beside its database."""

import os
import secrets
from pathlib import Path


class UnsafeKey(RuntimeError):
    """The key file may be read by others, or holds no key."""


def kept_secret(path: Path) -> bytes:
    """The secret in a file, made at the first call; readable by its owner only. 32 bytes, written in hexadecimal."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return _read(path)


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise UnsafeKey(f"{path} can be read by others; run: chmod 600 {path}")
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except ValueError:
        secret = b""
    if len(secret) < 32:
        raise UnsafeKey(f"{path} does not hold a key of 32 bytes; remove it to have a new one made (all sign in again)")
    return secret
