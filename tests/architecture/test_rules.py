"""Rules that imports do not show, each on the real tree, and each turned red by what is planted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import rules
from tests.architecture.source import ROOT, modules

Rule = Callable[[Path], list[str]]

RULES: list[Rule] = [
    rules.ambient_reads,
    rules.hidden_imports,
    rules.input_output,
    rules.asynchronous_domain,
    rules.settings_in_adapters,
    rules.long_files,
    rules.long_functions,
    rules.sql_in_python,
]

DOMAIN, APPLICATION, ADAPTER = "domain/rooms/room.py", "application/rooms/commands.py", "adapters/sql/rooms.py"

# rule, file, what is planted in it: each must be seen
PLANTED: list[tuple[Rule, str, str]] = [
    (rules.ambient_reads, DOMAIN, "from datetime import datetime\nnow = datetime.now()"),
    (rules.ambient_reads, DOMAIN, "from datetime import UTC, datetime as d\ndef f():\n    return d.now(UTC)"),
    (rules.ambient_reads, DOMAIN, "import datetime as dt\nnow = dt.datetime.utcnow"),
    (rules.ambient_reads, DOMAIN, "import datetime\ntoday = datetime.date.today()"),
    (rules.ambient_reads, APPLICATION, "import time\nstarted = time.monotonic()"),
    (rules.ambient_reads, APPLICATION, "from time import perf_counter"),
    (rules.ambient_reads, DOMAIN, "import random"),
    (rules.ambient_reads, DOMAIN, "from random import choice"),
    (rules.ambient_reads, APPLICATION, "import secrets\ntoken = secrets.token_urlsafe()"),
    (
        rules.ambient_reads,
        DOMAIN,
        "import uuid\nimport attrs\n@attrs.frozen\nclass A:\n    id = attrs.field(factory=uuid.uuid4)",
    ),
    (rules.ambient_reads, DOMAIN, "from uuid import uuid1 as fresh"),
    (rules.ambient_reads, APPLICATION, "import os\nhome = os.environ['HOME']"),
    (rules.ambient_reads, APPLICATION, "from os import getenv"),
    (rules.ambient_reads, APPLICATION, "from os import environ as e\nhome = e.get('HOME')"),
    (rules.hidden_imports, DOMAIN, "falcon = __import__('falcon')"),
    (rules.hidden_imports, APPLICATION, "from importlib import import_module"),
    (rules.hidden_imports, ADAPTER, "import importlib\nconfig = importlib.import_module('parlour.config')"),
    (rules.input_output, DOMAIN, "def f():\n    print('hello')"),
    (rules.input_output, APPLICATION, "text = open('/etc/hostname').read()"),
    (rules.asynchronous_domain, DOMAIN, "async def join(): ..."),
    (rules.settings_in_adapters, ADAPTER, "from parlour.config.settings import Settings"),
    (rules.settings_in_adapters, ADAPTER, "from ...config.settings import Limits"),
    (rules.settings_in_adapters, ADAPTER, "from ... import config"),
    (rules.settings_in_adapters, ADAPTER, "def connect():\n    import parlour.config.settings"),
    (rules.settings_in_adapters, ADAPTER, "def connect(settings: 'Settings'): ..."),
    (rules.settings_in_adapters, ADAPTER, "import typed_settings"),
    (rules.long_files, DOMAIN, "\n" * 301),
    (rules.long_files, "adapters/sql/rooms.sql", "-- a line\n" * 301),
    (rules.long_functions, ADAPTER, "def f():\n" + "    pass\n" * 50),
    (rules.long_functions, ADAPTER, "class A:\n    async def f(self):\n" + "        pass\n" * 50),
    (rules.sql_in_python, ADAPTER, "q = 'SELECT 1'"),
    (rules.sql_in_python, ADAPTER, "q = '''\n  select id\n  from rooms\n'''"),
    (rules.sql_in_python, ADAPTER, "def f(c, t):\n    c.execute(f'insert into {t} values (1)')"),
    (rules.sql_in_python, APPLICATION, "q = 'UPDATE rooms SET name = ?'"),
    (rules.sql_in_python, "entrypoints/http/app.py", "q = 'delete from rooms'"),
    (rules.sql_in_python, ADAPTER, "q = 'WITH RECURSIVE t(n) AS (VALUES (1)) TABLE t'"),
    (rules.sql_in_python, ADAPTER, "q = 'create unique index i on t (a)'"),
]

# the same neighbourhoods, but allowed: a rule that cries at these would be switched off one day
ALLOWED: list[tuple[Rule, str, str]] = [
    (rules.ambient_reads, DOMAIN, "from datetime import datetime, timedelta\ndef f(now: datetime) -> datetime:\n    return now + timedelta(1)"),
    (rules.ambient_reads, DOMAIN, "from uuid import UUID, uuid5\nx = uuid5(UUID(int=0), 'a')"),
    (rules.ambient_reads, DOMAIN, "def f(clock):\n    time = clock.now()\n    return time.year"),
    (rules.ambient_reads, ADAPTER, "import time\nnow = time.time()"),
    (rules.input_output, APPLICATION, "class Doors:\n    def open(self): ...\ndef f(doors):\n    doors.open()"),
    (rules.asynchronous_domain, "domain/rooms/ports.py", "from typing import Protocol\nclass Rooms(Protocol):\n    async def get(self): ..."),
    (rules.settings_in_adapters, ADAPTER, "def connect(dsn: str, size: int): ..."),
    (rules.long_files, DOMAIN, "\n" * 300),
    (rules.long_functions, ADAPTER, "def f():\n" + "    pass\n" * 49),
    (rules.sql_in_python, ADAPTER, '"""SELECT what you like."""\nx = "PRAGMA journal_mode = WAL"\ny = "BEGIN IMMEDIATE"'),
    (rules.sql_in_python, ADAPTER, "x = 'SAVEPOINT s', 'RELEASE s', 'COMMIT', 'Select a room', 'DELETE', 'Update the profile', 'SELECT'"),
]  # fmt: skip


def name(value: object) -> str:
    """A short id: the rule's name, or the first words of what is planted."""
    return getattr(value, "__name__", "") or " ".join(str(value).split())[:40]


def plant(root: Path, file: str, text: str) -> Path:
    path = root / "parlour" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_the_tree_keeps(rule: Rule):
    assert not rule(ROOT), "\n" + "\n".join(rule(ROOT))


@pytest.mark.parametrize("rule,file,text", PLANTED, ids=name)
def test_a_planted_violation_turns_it_red(rule: Rule, file: str, text: str, tmp_path: Path):
    (found, *_) = rule(plant(tmp_path, file, text))
    assert found.startswith(f"parlour/{file}:")


@pytest.mark.parametrize("rule,file,text", ALLOWED, ids=name)
def test_what_is_allowed_stays_green(rule: Rule, file: str, text: str, tmp_path: Path):
    assert not rule(plant(tmp_path, file, text))


def test_every_rule_has_a_planted_violation():
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


def test_the_rules_look_at_every_ring():
    """A rule that finds no file would be green whatever the files say."""
    assert {module.ring for module in modules(ROOT)} >= {"domain", "application", "adapters", "entrypoints", "config"}
