"""The signing key of an instance that was given none, kept beside its database."""

import os
import secrets
import tempfile
from pathlib import Path


class UnsafeKey(RuntimeError):
    """The key file may be read by others, or holds no key."""


def kept_secret(path: Path) -> bytes:
    """The secret in a file, made at the first call; readable by its owner only. 32 bytes, written in hexadecimal."""
    if not path.exists():
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Write a key and give it its name only then, so that whoever starts at the same time never reads half of it."""
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)  # noqa: PTH108 - beside os.link


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
