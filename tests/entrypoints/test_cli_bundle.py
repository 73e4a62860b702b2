"""Export, import, backup and restore by the command line: on a store of its own, and beside a running server."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ..engines import on_sqlite
from ..server import Server, parlour
from .people import PASSWORD, Person, channel, person_of, sign_up, team
from .wire import Refused, wire

pytestmark = pytest.mark.row("OP8", "DX4")


@pytest.fixture
def ann(server: Server) -> Person:
    return sign_up(server)


def _talk(ann: Person) -> str:
    """A room with something in it; its id."""
    room = channel(ann, team(ann))
    for text in ("one", "two"):
        ann.done("POST", f"/api/rooms/{room}/messages", {"content": text})
    return room


def _taken(folder: Path, name: str, bundle: Path, store: str = "other.db") -> None:
    ended = parlour(folder, name, str(bundle), DATABASE_URL=f"sqlite:///{store}")
    assert (ended.returncode, ended.stderr) == (0, "")
    said = {"import": "read in", "restore": "restored"}[name]
    assert re.fullmatch(rf"{said} \d+ rows from \S+\n", ended.stdout)


def _again(folder: Path, store: str = "other.db") -> bytes:
    ended = parlour(folder, "export", "again.jsonl", "--force", DATABASE_URL=f"sqlite:///{store}")
    assert ended.returncode == 0, ended.stderr
    return (folder / "again.jsonl").read_bytes()


@pytest.mark.parametrize("name", ["export", "backup"])
def test_a_copy_is_taken_beside_the_running_server(server: Server, ann: Person, tmp_path: Path, name: str) -> None:
    _talk(ann)
    target = tmp_path / "a.jsonl"
    ended = server.command(name, str(target))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"wrote {_rows(target)} rows, {target.stat().st_size} bytes, to {target}\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert ann.username.encode() in target.read_bytes()
    _taken(tmp_path, "import", target)
    assert _again(tmp_path) == target.read_bytes()
    assert parlour(tmp_path, "doctor", DATABASE_URL="sqlite:///other.db").stdout.startswith("all is well")


def _rows(target: Path) -> int:
    rows: int = json.loads(target.read_bytes().splitlines()[-1])["rows"]
    return rows


@on_sqlite
def test_a_relative_name_is_of_the_callers_folder(server: Server, tmp_path: Path) -> None:
    settings = {**server.settings, "DATABASE_URL": f"sqlite:///{server.folder / 'parlour.db'}"}
    assert parlour(tmp_path, "export", "here.jsonl", **settings).returncode == 0
    assert (tmp_path / "here.jsonl").exists()
    assert not (server.folder / "here.jsonl").exists()


def test_a_file_that_is_there_is_kept_unless_forced(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    target.write_text("mine")
    ended = server.command("backup", str(target))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "--force" in ended.stderr
    assert target.read_text() == "mine"
    assert server.command("backup", str(target), "--force").returncode == 0
    assert _rows(target) > 0


def test_a_place_that_cannot_be_written_to_is_said(server: Server, tmp_path: Path) -> None:
    ended = server.command("export", str(tmp_path / "nowhere" / "a.jsonl"))
    assert ended.returncode == 75
    assert re.fullmatch(r"parlour: \S+ cannot be written: .+\n", ended.stderr)


async def test_the_bundle_is_nobodys_by_the_network(server: Server, ann: Person, tmp_path: Path) -> None:
    """Not even an administrator's: it is a file of the machine."""
    target = str(tmp_path / "stolen")
    assert server.command("admin", "grant", ann.username).returncode == 0
    assert "export_bundle" not in ann.ask("GET", "/openapi.json").text
    commands = [{"name": "export_bundle", "data": {"path": target}}]
    assert not ann.ask("POST", "/api/batch", {"mode": "all", "commands": commands}).is_success
    async with wire(server, ann.token) as socket:
        with pytest.raises(Refused, match="unknown_use_case"):
            await socket.query("export_bundle", path=target)
    assert server.system("export_bundle", path=target)["rows"] > 0, "the control: the command line's socket has it"


@pytest.mark.parametrize("name", ["import", "restore"])
def test_beside_a_running_server_nothing_is_read_in(server: Server, ann: Person, tmp_path: Path, name: str) -> None:
    target = tmp_path / "a.jsonl"
    assert server.command("export", str(target)).returncode == 0
    ended = server.command(name, str(target))
    assert ended.returncode == 69
    assert f"in use by process {server.pid}" in ended.stderr or "a server works on this database" in ended.stderr
    assert ann.ask("GET", "/api/auth/me").status_code == 200


@pytest.mark.parametrize("name", ["import", "restore"])
def test_what_is_refused_makes_no_store(server: Server, tmp_path: Path, name: str) -> None:
    target = tmp_path / "a.jsonl"
    assert server.command("export", str(target)).returncode == 0
    target.write_bytes(target.read_bytes()[:-400])
    ended = parlour(tmp_path, name, "a.jsonl")
    assert (ended.returncode, ended.stdout) == (65, "")
    assert re.fullmatch(r"parlour: Line \d+: .*cut short\.\n", ended.stderr)
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_store_that_is_not_empty_is_left_alone(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    assert server.command("export", str(target)).returncode == 0
    _taken(tmp_path, "import", target)
    before = _again(tmp_path)
    ended = parlour(tmp_path, "import", str(target), DATABASE_URL="sqlite:///other.db")
    assert ended.returncode == 1
    assert "not empty" in ended.stderr
    assert _again(tmp_path) == before


@on_sqlite
@pytest.mark.parametrize("name, recovered", [("import", True), ("restore", False)])
async def test_a_server_on_the_copy_knows_everybody_and_says_whether_positions_are_good(
    make_server: Callable[..., Server], tmp_path: Path, name: str, recovered: bool
) -> None:
    first = make_server()
    ann = sign_up(first)
    room = _talk(ann)
    before = ann.done("GET", f"/api/rooms/{room}/messages")
    secret = (first.folder / "parlour.db.key").read_bytes()
    async with wire(first, ann.token) as socket:
        seen = await socket.follow(f"room:{room}")
    assert first.command("backup", str(tmp_path / "a.jsonl")).returncode == 0
    first.stop()

    second = Server(tmp_path / "second")
    (second.folder / "parlour.db.key").write_bytes(secret)
    (second.folder / "parlour.db.key").chmod(0o600)
    _taken(second.folder, name, tmp_path / "a.jsonl", "parlour.db")
    try:
        second.start()
        with second.http_now() as client:
            answer = client.post("/api/signin", json={"login": ann.username, "password": PASSWORD})
        again = person_of(second, answer.json())
        assert again.done("GET", f"/api/rooms/{room}/messages")["items"] == before["items"]
        async with wire(second, ann.token) as socket:
            answered = await socket.follow(f"room:{room}", epoch=seen["epoch"], offset=seen["offset"])
        assert (answered["recovered"], answered["offset"]) == (recovered, seen["offset"])
        assert again.ask("POST", f"/api/rooms/{room}/messages", {"content": "three"}).status_code == 201
    finally:
        second.kill()
