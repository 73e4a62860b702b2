"""The command line: on a store of its own, and beside a running server."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ..engines import on_sqlite
from ..server import Server, parlour
from .people import Person, sign_up

pytestmark = pytest.mark.row("DX4")

LOST = "a person who is not there"


@pytest.fixture
def ann(server: Server) -> Person:
    return sign_up(server)


def test_help_names_every_command(tmp_path: Path) -> None:
    said = parlour(tmp_path, "--help").stdout
    assert all(
        f"  {name} " in said
        for name in ("serve", "migrate", "config", "doctor", "export", "import", "backup", "restore", "admin")
    )


@pytest.mark.row("OP8")
def test_migrate_makes_the_store_and_says_where_it_stands(tmp_path: Path) -> None:
    for _ in range(2):
        ended = parlour(tmp_path, "migrate")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert re.fullmatch(r"sqlite:///parlour\.db is up to date: core at \d{3} \(\w+\)\n", ended.stdout)
    assert (tmp_path / "parlour.db").exists()


@on_sqlite
def test_migrate_beside_a_running_server_says_who_has_the_store(server: Server) -> None:
    ended = server.command("migrate")
    assert ended.returncode == 69
    assert f"by process {server.pid}" in ended.stderr


@pytest.mark.row("OP8")
def test_config_shows_values_sources_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "parlour.toml").write_text("port = 9001\n")
    secret = "a secret that nobody is to see, ever"
    shown = json.loads(parlour(tmp_path, "config", "--json", LOG_LEVEL="debug", JWT_SECRET=secret).stdout)
    assert shown["PORT"] == {"value": "9001", "source": "parlour.toml"}
    assert shown["LOG_LEVEL"] == {"value": "debug", "source": "environment"}
    assert shown["HOST"]["source"] == "default"
    for form in (("config",), ("config", "--json")):
        assert secret not in parlour(tmp_path, *form, JWT_SECRET=secret).stdout


def learns(so: Callable[[], bool]) -> None:
    """The server knows within a second what the command line did: on PostgreSQL that is a process of its own."""
    until = time.monotonic() + 1.0
    while not so():
        assert time.monotonic() < until, "the server does not know yet"


def test_an_account_is_looked_after_beside_the_running_server(server: Server, ann: Person) -> None:
    assert f"{ann.id}  {ann.username}" in server.command("admin", "users").stdout
    assert ann.session_id in server.command("admin", "sessions", ann.username).stdout
    assert server.command("admin", "grant", ann.username).returncode == 0
    learns(lambda: ann.done("GET", "/api/auth/me")["permissions"] == ["instance:administer"])
    assert server.command("admin", "revoke", ann.username).returncode == 0
    learns(lambda: ann.done("GET", "/api/auth/me")["permissions"] == [])
    assert server.command("admin", "suspend", ann.username).returncode == 0
    learns(lambda: ann.ask("GET", "/api/auth/me").status_code == 401)
    assert server.command("admin", "reactivate", ann.username).returncode == 0


@pytest.mark.parametrize("named", ["username", "email", "id"])
def test_an_account_is_named_by_username_address_or_id(server: Server, ann: Person, named: str) -> None:
    said = str(getattr(ann, named)).upper()
    for act in ("grant", "revoke", "suspend", "reactivate", "sessions"):
        assert server.command("admin", act, said).returncode == 0, act


def test_sessions_are_ended_from_the_command_line(server: Server, ann: Person) -> None:
    ended = server.command("admin", "sessions", ann.username, "--end", "all")
    assert ended.stdout.rstrip().endswith("ended")
    learns(lambda: ann.ask("GET", "/api/auth/me").status_code == 401)


def test_the_same_on_the_store_alone(make_server: Callable[..., Server]) -> None:
    server = make_server()
    ann = sign_up(server)
    server.stop()
    assert ann.username in server.command("admin", "users").stdout
    assert "all is well" in server.command("doctor").stdout


def test_where_strangers_make_no_accounts_administrators_do(make_server: Callable[..., Server]) -> None:
    server = make_server(open_sign_up="false")
    said = server.command("admin", "add", "ann", "ann@example.org").stdout
    password = said.rpartition(" ")[2].strip()
    with server.http_now() as http:
        refused = http.post("/api/signup", json={"username": "ben", "email": "b@example.org", "password": password})
        assert (refused.status_code, refused.json()["code"]) == (403, "sign_up_closed")
        signed_in = http.post("/api/signin", json={"login": "ann", "password": password}).json()
        headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
        assert len(http.get("/api/sessions", headers=headers).json()) == 1
        asked = {"username": "cyd", "email": "c@example.org", "password": "correct horse"}
        assert http.post("/api/signup", json=asked, headers=headers).status_code == 201, "the first administers"
    assert server.command("admin", "add", "ann", "another@example.org").returncode != 0


def test_nothing_is_made_where_there_is_no_database(tmp_path: Path) -> None:
    for words in (["doctor"], ["admin", "users"], ["export", "x.jsonl"]):
        ended = parlour(tmp_path, *words)
        assert (ended.returncode, ended.stdout) == (69, "")
        assert "there is no database at sqlite:///parlour.db yet" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"parlour \d+\.\d+\.\d+\S*\n", parlour(tmp_path, "--version").stdout)


@pytest.mark.parametrize("act", ["suspend", "reactivate", "sessions", "grant"])
def test_who_is_not_there_is_said_with_an_exit_code(server: Server, act: str) -> None:
    ended = server.command("admin", act, LOST)
    assert ended.returncode == 66
    assert ended.stderr.startswith("parlour: ")
    assert ended.stderr.count("\n") == 1


def test_the_doctor_finds_all_well_beside_a_running_server(server: Server) -> None:
    ended = server.command("doctor")
    assert (ended.returncode, ended.stderr) == (0, "")
