"""From one engine to the other and back: the same bytes."""

from pathlib import Path
from typing import Any

import pytest

from parlour.adapters.sql.bundle import export, read
from parlour.adapters.sql.bundle.load import read_in
from parlour.adapters.sql.bundle.read import checked
from parlour.adapters.sql.streams import SqlRelay
from tests.house import postgres_store

from .stores import a_bundle, moved, written

pytestmark = pytest.mark.row("OP8")


async def test_from_sqlite_to_postgresql_and_back(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = await a_bundle(tmp_path / "a.jsonl")
    monkeypatch.setattr(export, "PAGE", 2)
    monkeypatch.setattr(read, "BATCH", 2)
    store: Any = postgres_store(postgres_url)
    try:
        await store.open()
        await read_in(checked(tmp_path / "a.jsonl"), store)
        assert await written(store, tmp_path / "b.jsonl") == data
        assert await moved(tmp_path / "b.jsonl") == data
        assert await SqlRelay(store).pass_over(1) == 1
        assert await written(store, tmp_path / "b.jsonl") != data, "the control: one flag more"
    finally:
        await store.close()
