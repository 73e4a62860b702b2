"""The import contracts of pyproject.toml: kept by the real tree, and each broken by what is planted in a copy of it."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

# contract, file, what is planted in it, the import that must be named
PLANTED = [
    ("rings", "domain/rooms", "import parlour.application.kernel", "parlour.application.kernel"),
    ("rings", "domain/rooms", "import parlour.adapters.sql", "parlour.adapters.sql"),
    ("rings", "application/rooms", "import parlour.adapters.sql", "parlour.adapters.sql"),
    ("rings", "application/rooms", "import parlour.config.settings", "parlour.config.settings"),
    ("rings", "adapters/sql", "import parlour.entrypoints.http", "parlour.entrypoints.http"),
    ("rings", "adapters/sql", "import parlour.config.settings", "parlour.config.settings"),
    ("rings", "entrypoints/http", "import parlour.adapters.sql", "parlour.adapters.sql"),
    ("rings", "entrypoints/http", "import parlour.config.container", "parlour.config.container"),
    ("rings", "domain/kernel", "def later():\n    import parlour.adapters.sql", "parlour.adapters.sql"),
    (
        "rings",
        "domain/kernel",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import parlour.application.kernel",
        "parlour.application.kernel",
    ),
    ("rings", "adapters/sql", "from ...config.settings import Settings", "parlour.config.settings"),
    ("no-top-package", "domain/rooms", "from parlour import open", "parlour"),
    ("no-top-package", "application/rooms", "from ... import __version__", "parlour"),
    ("no-top-package", "application/rooms", "import parlour", "parlour"),
    ("no-top-package", "adapters/sql", "import parlour", "parlour"),
    ("no-top-package", "entrypoints/http", "from parlour import __version__", "parlour"),
    ("no-top-package", "config", "import parlour", "parlour"),
    ("no-testing-kit", "adapters/sql", "import parlour.testing", "parlour.testing"),
    ("domain-allow-list", "domain/rooms", "import msgspec", "msgspec"),
    ("domain-allow-list", "domain/rooms", "import cattrs", "cattrs"),
    ("domain-allow-list", "domain/rooms", "import a_package_that_nobody_has_heard_of_yet", "a_package_that_nobody"),
    ("domain-allow-list", "domain/rooms", "import os", "os"),
    ("domain-allow-list", "domain/rooms", "import asyncio", "asyncio"),
    ("application-allow-list", "application/rooms", "import msgspec", "msgspec"),
    ("application-allow-list", "application/rooms", "import a_package_that_nobody_has_heard_of_yet", "a_package_that"),
    ("application-allow-list", "application/rooms", "import socket", "socket"),
    ("features-of-the-domain", "domain/rooms", "import parlour.domain.identity", "parlour.domain.identity"),
    ("features-of-the-domain", "domain/rooms", "from ..identity import user", "parlour.domain.identity"),
    ("features-of-the-domain", "domain/messages", "import parlour.domain.rooms", "parlour.domain.rooms"),
    ("features-of-the-domain", "domain/kernel", "import parlour.domain.identity", "parlour.domain.identity"),
    (
        "kernel-of-the-application",
        "application/kernel",
        "import parlour.application.rooms",
        "parlour.application.rooms",
    ),
    (
        "commands-know-no-queries",
        "application/rooms/commands.py",
        "import parlour.application.rooms.queries",
        "parlour.application.rooms.queries",
    ),
    (
        "queries-know-no-commands",
        "application/rooms/queries.py",
        "import parlour.application.rooms.commands",
        "parlour.application.rooms.commands",
    ),
    ("container-alone", "config", "from dependency_injector.wiring import inject", "dependency_injector"),
    ("container-alone", "entrypoints/http", "import dependency_injector", "dependency_injector"),
    ("one-sqlite", "entrypoints/http", "import sqlite3", "sqlite3"),
    ("settings-at-the-edge", "entrypoints/http", "import typed_settings", "typed_settings"),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """import-linter on the `parlour` of `folder`, and on no other that may be installed."""
    program = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--no-cache", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_keeps_every_contract():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract,place,text,imported", PLANTED)
def test_a_planted_violation_turns_it_red(contract: str, place: str, text: str, imported: str, tmp_path: Path):
    shutil.copytree(ROOT / "parlour", tmp_path / "parlour", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "parlour" / (place if place.endswith(".py") else f"{place}/planted.py")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{text}\n", encoding="utf-8")
    importer = ".".join(path.relative_to(tmp_path).with_suffix("").parts)

    done = lint(tmp_path, "--contract", contract)

    assert done.returncode == 1
    assert "1 broken" in done.stdout, done.stdout + done.stderr
    assert f"{importer} -> {imported}" in done.stdout


def test_every_contract_has_a_planted_violation():
    assert {contract for contract, *_ in PLANTED} == {contract["id"] for contract in CONTRACTS}
