"""Settings and flags of a real process: what is told, what is refused, and how."""

import json
import os
import socket
import sqlite3
from pathlib import Path

import attrs
import pytest

from parlour.config.program import CommandLine
from parlour.config.settings import Settings
from parlour.entrypoints.cli.program import Refused

from ..engines import on_sqlite
from ..server import Server, free_port, parlour, serving
from .people import sign_up
from .settings_file import FILE, written
from .wire import wire

CONFIG, CANNOT_START = 78, 69


def test_the_example_lists_every_setting() -> None:
    assert FILE.read_text() == written(), "stale: run python -m tests.entrypoints.settings_file"
    for a in attrs.fields(Settings):
        assert f"# {a.name.upper()}=" in FILE.read_text()


def test_the_example_is_compared_by_name() -> None:
    """The negative control: a setting that the file does not know."""
    assert "# ANOTHER_SETTING=" not in written()


@pytest.mark.row("OP7")
def test_all_settings_are_told_with_their_source_and_secrets_hidden(tmp_path: Path) -> None:
    (tmp_path / "parlour.toml").write_text('log_level = "debug"\ninternal_secret = "never-show-this-one"\n')
    secret = "never-show-this-one-either-0123456789"
    said = parlour(tmp_path, "config", "--json", PORT=9123, JWT_SECRET=secret)
    assert said.returncode == 0
    told = json.loads(said.stdout)
    assert set(told) == {a.name.upper() for a in attrs.fields(Settings)}
    assert told["PORT"] == {"value": "9123", "source": "environment"}
    assert told["LOG_LEVEL"] == {"value": "debug", "source": "parlour.toml"}
    assert told["HOST"] == {"value": "127.0.0.1", "source": "default"}
    assert told["JWT_SECRET"] == {"value": "(hidden)", "source": "environment"}
    plain = parlour(tmp_path, "config", PORT=9123, JWT_SECRET=secret, SMTP_URL="smtp://u:never-show@h:587")
    assert "PORT=9123" in plain.stdout
    assert "never-show" not in said.stdout + plain.stdout


def test_a_server_on_postgresql_needs_a_secret_and_its_command_line_does_not(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/nowhere"
    said = parlour(tmp_path, "serve", database_url=url)
    assert said.returncode == 78
    assert "JWT_SECRET is not set: servers on PostgreSQL need one" in said.stderr
    assert parlour(tmp_path, "config", database_url=url).returncode == 0


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"REDIS_URL": "redis://x"}, "REDIS_URL is set, but this version has no adapter"),
        ({"NATS_URL": "nats://x"}, "NATS_URL is set, but this version has no adapter"),
        ({"KAFKA_BROKERS": "x:9092"}, "KAFKA_BROKERS is set, but this version has no adapter"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL does not begin with sqlite:// or postgresql://"),
        ({"DATABASE_DIRECT_URL": "sqlite:///x.db"}, "DATABASE_DIRECT_URL does not begin with"),
        ({"DATABASE_DIRECT_URL": "postgresql://x/y"}, "DATABASE_DIRECT_URL is set, but DATABASE_URL is a SQLite file"),
        ({"PORT": "many"}, "port"),
        ({"PORT": "70000"}, "PORT is 70000; the greatest is 65535"),
        ({"MESSAGE_CHARACTERS": "100001"}, "MESSAGE_CHARACTERS is 100001; the greatest is 100000"),
        ({"PORT": "-1"}, "PORT is -1; the least is 0"),
        ({"HEARTBEAT_SECONDS": "0"}, "HEARTBEAT_SECONDS is 0.0; the least is 0.01"),
        ({"JWT_SECRET": "short"}, "JWT_SECRET is too short"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml'"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS holds '*'; an origin is like https://app.example.org"),
        ({"CORS_ORIGINS": "https://a.org, https://b.org/"}, "CORS_ORIGINS holds 'https://b.org/'"),
        ({"PARLOUR_SETTINGS": "nowhere.toml"}, "PARLOUR_SETTINGS names nowhere.toml, which is not there"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    assert said in refused_here(tmp_path, monkeypatch, settings)
    assert list(tmp_path.iterdir()) == [], "nothing was made"


PASSWORD = "hunter2-and-more"


@pytest.mark.row("OP8")
@pytest.mark.parametrize(
    "url, said",
    [
        ("postgresql://u:{}@h:54x2/d", "has a port that is no number from 1 to 65535"),
        ("postgresql://u:{}@h:0/d", "has a port that is no number from 1 to 65535"),
        ("postgresql://u:{}@h1,h2:70000/d", "has a port that is no number from 1 to 65535"),
        ("postgresql://u:{}@h h/d", "has a host that no server can be called"),
        ("postgresql://u:{}@[::1/d", "has a host that no server can be called"),
        ("postgresql://u:{}@h", "names no database"),
        ("postgresql://u:{}@h/", "names no database"),
        ("postgresql://u:{}@h?sslmode=require", "names no database"),
        ("postgresql:u:{}@h/d", "names no database"),
        ("postgresql://u:%zz{}@h/d", "has a % in its user or password without two hexadecimal digits"),
        ("postgresql://u:{}%@h/d", "has a % in its user or password without two hexadecimal digits"),
        ("postgresql://u:{}%ff@h/d", "has a user or password that is not UTF-8"),
        ("postgresql://u:{}%00@h/d", "has a NUL in its user or password"),
        ("postgresql://u:{}@h/d%", "has a % in its database"),
        ("postgresql://u:a@{}@h/d", "has a @ in its user or password; write it as %40"),
        ("postgresql://u:a/{}@h/d", "has a / in its user or password; write it as %2F"),
        ("postgresql://u:a?{}@h/d", "has a ? in its user or password; write it as %3F"),
        ("postgresql://u:a#{}@h/d", "has a # in its user or password; write it as %23"),
        ("postgresql://u:{}@h/d#x", "has a #, which means nothing there"),
        ("postgresql://u:{}@h/d?sslmod=require", "has an option 'sslmod' that PostgreSQL's clients do not know"),
        ("postgresql://u:{}@h/d?sslmode=maybe", "has a sslmode that is not one of disable"),
        ("postgresql://u:{}@h/d?connect_timeout=soon", "has a connect_timeout that is no number"),
        ("postgresql://u@h/d?password={}%", "has a % in its option password"),
        ("postgresql://u@h/d?password={}&sslmode", "has an option 'sslmode' without a value"),
    ],
)
def test_a_databases_address_is_refused_by_its_part_and_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    for name in ("DATABASE_URL", "DATABASE_DIRECT_URL"):
        told = refused_here(tmp_path, monkeypatch, {name: url.format(PASSWORD)})
        assert f"{name} {said}" in told
        assert PASSWORD not in told
    assert list(tmp_path.iterdir()) == [], "nothing was made"


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:{}@h/d", "postgresql://u:{}@h1:5432,[::1]:5433/d", "postgresql://u:p%40{}@h/d?sslmode=verify-full",
     "postgres:///d?host=/run/postgresql&password={}", "postgresql://u@h/d?sslpassword={}"],
)  # fmt: skip
def test_an_address_that_is_right_is_shown_without_its_password(tmp_path: Path, url: str) -> None:
    said = parlour(tmp_path, "config", DATABASE_URL=url.format(PASSWORD), JWT_SECRET="x" * 32)
    assert said.returncode == 0, said.stderr
    assert PASSWORD not in said.stdout
    assert "DATABASE_URL=postgres" in said.stdout


@pytest.mark.parametrize(
    "text, said",
    [
        ("prot = 9000", "Did you mean port?"),
        ("database_readers = [1]", "database_readers"),
        ("port = = 1", "parlour.toml"),
        ("port = 'x", "parlour.toml"),
    ],
)
def test_a_broken_settings_file_is_refused_by_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "parlour.toml").write_text(text)
    assert said in refused_here(tmp_path, monkeypatch, {})
    assert [p.name for p in tmp_path.iterdir()] == ["parlour.toml"]


def test_a_refused_setting_ends_the_process_with_one_line(tmp_path: Path) -> None:
    ended = parlour(tmp_path, "serve", REDIS_URL="redis://x")
    assert ended.returncode == CONFIG
    _one_line(ended.stderr, "REDIS_URL is set")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.row("OP7")
@pytest.mark.parametrize(
    "text, said",
    [
        ("enable_organisations = true", "Did you mean enable_organizations?"),
        ("enable_bot_messages = 1", "enable_bot_messages must be true or false"),
        ("enable_bot_messages = true", "enable_bot_messages is on, but this version has no module bots yet"),
        ("enable_bot_messages = ", "feature_flags.toml: "),
        ("colour = true", "Known are: "),
    ],
)
def test_a_broken_flags_file_is_refused_by_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "feature_flags.toml").write_text(text)
    assert said in refused_here(tmp_path, monkeypatch, {})


def test_a_broken_flags_file_ends_the_process_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "feature_flags.toml").write_text("enable_organisations = true")
    ended = parlour(tmp_path, "serve", PORT=free_port())
    assert ended.returncode == CONFIG
    _one_line(ended.stderr, "Did you mean enable_organizations?")


@pytest.mark.row("OP7")
async def test_a_flags_file_that_breaks_while_running_changes_nothing_and_is_told(tmp_path: Path) -> None:
    with serving(tmp_path / "s") as server:
        ann = sign_up(server)
        (server.folder / "feature_flags.toml").write_text("enable_bot_messages = maybe")
        async with wire(server, ann.token) as one:
            while "feature flags unchanged" not in server.log():
                await one.query("get_config")
            assert (await one.query("get_config"))["modules"] == []
        (server.folder / "feature_flags.toml").write_text("enable_bot_messages = false")
        async with wire(server, ann.token) as one:
            while "feature flags in force" not in server.log():
                await one.query("get_config")


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = parlour(tmp_path, "serve", PORT=port)
    assert ended.returncode == CANNOT_START
    _one_line(ended.stderr, f"cannot listen on 127.0.0.1:{port}")
    assert list(tmp_path.iterdir()) == []


@on_sqlite
def test_a_second_server_on_one_file_is_refused_and_the_first_serves_on(server: Server) -> None:
    before = sign_up(server)
    ended = parlour(server.folder, "serve", PORT=free_port(), DATABASE_URL="sqlite:///parlour.db")
    assert ended.returncode == CANNOT_START
    _one_line(ended.stderr, f"is in use by process {server.pid}")
    assert before.done("GET", "/api/auth/me")["id"] == before.id


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    assert parlour(tmp_path, "migrate").returncode == 0
    with sqlite3.connect(tmp_path / "parlour.db") as store:
        (table,) = store.execute("SELECT name FROM sqlite_master WHERE name LIKE '%migration%'").fetchone()
        columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
        newest = store.execute(f"SELECT * FROM {table} ORDER BY number DESC LIMIT 1").fetchone()
        row = {**dict(zip(columns, newest, strict=True)), "number": 999, "name": "from_the_future"}
        store.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", list(row.values()))
    store.close()
    before = (tmp_path / "parlour.db").read_bytes()
    ended = parlour(tmp_path, "serve", PORT=free_port())
    assert ended.returncode == CANNOT_START
    _one_line(ended.stderr, "newer")
    assert (tmp_path / "parlour.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "parlour.db").write_bytes(b"This is a diary, not a database. " * 200)
    before = (tmp_path / "parlour.db").read_bytes()
    ended = parlour(tmp_path, "serve", PORT=free_port())
    assert ended.returncode == CANNOT_START
    _one_line(ended.stderr, "cannot be used as a database")
    assert (tmp_path / "parlour.db").read_bytes() == before


def test_a_store_in_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ended = parlour(tmp_path, "serve", PORT=free_port(), DATABASE_URL="sqlite:///file/parlour.db")
    assert ended.returncode in {CONFIG, CANNOT_START}
    _one_line(ended.stderr, "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="file modes do not stop root")
def test_a_read_only_database_is_refused(tmp_path: Path) -> None:
    assert parlour(tmp_path, "migrate").returncode == 0
    (tmp_path / "parlour.db").chmod(0o444)
    ended = parlour(tmp_path, "serve", PORT=free_port())
    assert ended.returncode == CANNOT_START
    _one_line(ended.stderr, "parlour.db cannot be used as a database")


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    """For root too."""
    ended = parlour(tmp_path, "serve", PORT=free_port(), DATABASE_URL="sqlite:////proc/parlour.db", JWT_SECRET="x" * 40)
    assert ended.returncode == CANNOT_START
    _one_line(ended.stderr, "/proc/parlour.db")


def refused_here(folder: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> str:
    """What the command line says, in this process, when it may not begin."""
    monkeypatch.chdir(folder)
    for a in attrs.fields(Settings):
        monkeypatch.delenv(a.name.upper(), raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Refused) as refused:
        CommandLine("0").migrate()
    assert refused.value.exit == CONFIG
    return str(refused.value)


def _one_line(stderr: str, said: str) -> None:
    """The error is one line that says so, and shows nothing of the inside."""
    assert said in stderr, stderr
    assert "Traceback" not in stderr
    assert len(stderr.strip().splitlines()) == 1, stderr
