"""The examples that promise to outlive the server, and to do each thing once: run against one that is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from examples.python_client import Client, Refused
from tests.engines import on_sqlite
from tests.entrypoints.people import Person, channel, sign_up, team
from tests.server import Server, environment

from .blocks import ROOT
from .running import run_program, shell_environment

EXAMPLES = ROOT / "examples"
SCOPES = ["user:read", "room:read", "room:message:send"]


@contextmanager
def started(program: str, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A program under way, and killed at the end."""
    running = subprocess.Popen(
        [sys.executable, "-u", EXAMPLES / program, *arguments],
        env={**environment(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


def line(running: subprocess.Popen[str]) -> str:
    """The next line that it prints; with what went wrong when there is none."""
    assert running.stdout is not None
    said = running.stdout.readline()
    assert said, running.stderr.read() if running.stderr is not None else "it ended"
    return said.rstrip()


def say(person: Person, room: str, content: str) -> dict[str, Any]:
    said: dict[str, Any] = person.done("POST", f"/api/rooms/{room}/messages", {"content": content})
    return said


def token_of(person: Person, *scopes: str) -> dict[str, Any]:
    made: dict[str, Any] = person.done("POST", "/api/tokens", {"name": "A program", "scopes": list(scopes)})
    return made


@pytest.mark.row("DX6")
@on_sqlite
def test_the_command_line_with_a_tool_for_sockets(make_server: Callable[..., Server]):
    server = make_server()
    done = subprocess.run(
        ["sh", EXAMPLES / "command_line.sh"],
        cwd=server.folder,
        env=shell_environment(server),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = ["Said with curl", "Said with a frame", "1 Said with curl.", "2 Said with a frame."]
    assert done.stdout.splitlines() == said, done.stderr
    assert os.access(EXAMPLES / "command_line.sh", os.X_OK)


@pytest.mark.row("DX6", "RT4")
@on_sqlite
def test_the_python_client_as_it_is(tmp_path: Path, make_server: Callable[..., Server]):
    program = (EXAMPLES / "python_client.py").read_text()
    printed = run_program(program, tmp_path, PARLOUR=make_server().base)
    assert printed == "there: Hello, Bob.\nlive: Are you there?\n"


@pytest.mark.row("DX6", "RT4")
@on_sqlite
async def test_the_python_client_outlives_the_server(make_server: Callable[..., Server]):
    """What is sent while the server is dead is there once, and seen once, in order. The access token ends meanwhile, and is
    renewed."""
    server = make_server(access_token_seconds=3)
    ada = Client(server.base)
    await ada.sign_up("ada", "ada@example.org", "correct horse")
    room = await ada.ask("POST", "/api/rooms", {"kind": "private_channel", "name": "notes"})
    at = f"/api/rooms/{room['id']}/messages"
    first = dict(ada._tokens)
    page = await ada.ask("GET", at)
    async with aclosing(ada.follow(f"room:{room['id']}", page["position"])) as events:
        await ada.ask("POST", at, {"content": "one"})
        assert (await anext(events))["data"]["content"] == "one"
        server.kill()
        sending = [asyncio.create_task(ada.ask("POST", at, {"content": text})) for text in ("two", "three")]
        await asyncio.to_thread(server.start)
        sent = await asyncio.gather(*sending)
        seen = [(await anext(events))["data"]["content"] for _ in sent]
        while ada._tokens["access_token"] == first["access_token"]:
            await ada.ask("GET", "/api/auth/me")
        await ada.ask("POST", at, {"content": "renewed"})
        assert (await anext(events))["data"]["content"] == "renewed"
    there = [message["content"] for message in (await ada.ask("GET", at))["items"]]
    assert sorted(seen) == ["three", "two"]
    assert there == ["one", *seen, "renewed"]
    with pytest.raises(Refused) as refused:
        await ada.ask("POST", at, {"content": ""})
    assert refused.value.code == "invalid", "what cannot work is not tried for ever"
    await ada.close()


@pytest.mark.row("DX6", "RT4")
@on_sqlite
def test_who_follows_events_outlives_the_server(make_server: Callable[..., Server]):
    """What is said between the death of the server and the return of its reader is shown, and nothing twice."""
    server = make_server()
    ann = sign_up(server)
    room = channel(ann, team(ann))
    bearer = token_of(ann, "room:read")
    with started("follow_events.py", f"room:{room}", PARLOUR=server.base, BEARER=bearer["token"]) as reader:
        assert line(reader) == f"following room:{room} from here on"
        first = say(ann, room, "one")
        assert line(reader) == f"room {first['offset']} text one"
        server.restart(signal.SIGKILL)
        missed = [say(ann, room, text) for text in ("two", "three")]
        shown = [line(reader) for _ in range(3)]
        assert shown[0] == f"following room:{room} without a gap"
        assert shown[1:] == [f"room {m['offset']} text {m['content']}" for m in missed]
        ann.done("DELETE", f"/api/tokens/{bearer['id']}")
        assert reader.wait(60) == 1, "it does not come back for ever with what is worth nothing"


@pytest.mark.row("DX6")
@on_sqlite
def test_who_may_not_follow_is_told(make_server: Callable[..., Server]):
    server = make_server()
    ann = sign_up(server)
    bearer = token_of(ann, "user:read")["token"]
    with started("follow_events.py", "room:nothing", PARLOUR=server.base, BEARER=bearer) as reader:
        assert reader.wait(60) == 1


@pytest.fixture
def called(make_server: Callable[..., Server]) -> tuple[Server, Person, Person, str]:
    """Somebody who calls, whom the bot stands for, and a room of both."""
    server = make_server()
    ann, bot = sign_up(server), sign_up(server, "counter")
    return server, ann, bot, channel(ann, team(ann, bot), bot)


def answered(ann: Person, bot: Person, room: str, most: int) -> list[tuple[str, str]]:
    """What the bot said, and to which message; waits for it by following the room."""
    with ann.http as http, http.stream("GET", "/events", params={"topic": f"room:{room}", "only": "text"}) as live:
        frames = (json.loads(text[6:]) for text in live.iter_lines() if text.startswith("data: "))
        while next(frames)["type"] != "subscribed":
            pass
        while True:
            items = ann.done("GET", f"/api/rooms/{room}/messages")["items"]
            found = [(m["reply_to"], m["content"]) for m in items if m["author_id"] == bot.id]
            if len(found) >= most:
                return found
            next(frames)


@pytest.mark.row("DX6", "RT4", "ID6")
@on_sqlite
def test_the_bot_answers_each_call_once(called: tuple[Server, Person, Person, str], tmp_path: Path):
    """Whatever dies meanwhile: the server, the bot, both; and when it forgets how far it had come."""
    server, ann, bot, room = called
    kept = tmp_path / "bot.json"
    variables = {"PARLOUR": server.base, "BOT_TOKEN": token_of(bot, *SCOPES)["token"], "BOT_FILE": str(kept)}
    with started("bot.py", **variables) as running:
        assert line(running) == "listening"
        early = kept.read_text()
        calls = [say(ann, room, "@counter one two three")]
        say(ann, room, "nobody is called")
        assert answered(ann, bot, room, 1) == [(calls[0]["id"], "I counted 3 words.")]
        server.restart(signal.SIGKILL)
        calls.append(say(ann, room, "one @counter"))
        assert len(answered(ann, bot, room, 2)) == 2
    calls.append(say(ann, room, "@counter, are you there?"))
    kept.write_text(early)  # it died before it kept its place
    with started("bot.py", **variables) as running:
        assert line(running) == "listening"
        found = answered(ann, bot, room, 3)
        last = say(ann, room, "@counter and now?")
        found = answered(ann, bot, room, 4)
    assert [to for to, _ in found] == [call["id"] for call in [*calls, last]]


@pytest.mark.row("DX6", "ID6")
@on_sqlite
def test_a_bot_without_its_scopes_says_so(called: tuple[Server, Person, Person, str], tmp_path: Path):
    server, _, bot, _ = called
    variables = {"PARLOUR": server.base, "BOT_FILE": str(tmp_path / "bot.json")}
    with started("bot.py", **variables, BOT_TOKEN=token_of(bot, "room:read")["token"]) as running:
        assert running.wait(60) == 1
        assert running.stderr is not None
        assert "may not listen" in running.stderr.read()
    with started("bot.py", **variables, BOT_TOKEN="parlour_" + "0" * 64) as running:
        assert running.wait(60) == 1
