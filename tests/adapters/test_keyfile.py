"""The signing key beside the database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parlour.adapters.security.keyfile import UnsafeKey, kept_secret

pytestmark = pytest.mark.row("ID2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "parlour.db.key"


def test_it_is_made_once_and_its_owner_alone_reads_it(path: Path) -> None:
    secret = kept_secret(path)
    assert len(secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept_secret(path) == secret


def test_two_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    for n in range(20):
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(kept_secret, [tmp_path / f"{n}.key"] * 4))
        assert len(set(made)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666])
def test_one_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    kept_secret(path)
    path.chmod(mode)
    with pytest.raises(UnsafeKey, match="chmod 600"):
        kept_secret(path)


@pytest.mark.parametrize("content", [b"", b"abc", b"00" * 31, b"zz" * 32, b"\xff\xfe\x00"])
def test_one_that_holds_no_key_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UnsafeKey, match="does not hold a key"):
        kept_secret(path)
    assert path.read_bytes() == content
