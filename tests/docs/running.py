"""Running what documents show: shell against a real server, programs on their own, pieces of programs in an instance."""

import ast
import contextlib
import inspect
import io
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import parlour
from tests.server import Server, environment

from .blocks import ROOT, Block

SHOWN = "127.0.0.1:8000"
STEP = "----- the output of the next block -----"


def shell_environment(server: Server) -> Mapping[str, str]:
    python = Path(sys.executable).parent
    path = f"{python}{os.pathsep}{os.environ['PATH']}"
    return {**environment(), "PATH": path, "PARLOUR": server.base, "PORT": str(server.port)}


def here(text: str, server: Server) -> str:
    """The text with the address that documents show turned into the server's."""
    return text.replace(SHOWN, f"127.0.0.1:{server.port}").replace(".venv/bin/", "")


def run_shell(steps: list[Block], server: Server) -> list[str]:
    """Run blocks as one script in the server's folder; what each printed. A command that fails, fails the test."""
    script = ["set -euo pipefail", *(f"echo '{STEP}'\n{here(step.text, server)}" for step in steps)]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=server.folder,
        env=shell_environment(server),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout.split(STEP + "\n")[1:]


def run_program(text: str, folder: Path, python: Path | str = sys.executable, **more: str) -> str:
    """Run a program on its own; what it printed."""
    name = folder / "shown.py"
    name.write_text(text)
    variables = {**environment(), **more}
    if python != sys.executable:
        del variables["PYTHONPATH"]
    done = subprocess.run(
        [python, str(name)], cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


async def run_part(block: Block, names: dict[str, Any]) -> str:
    """Run a piece of a program where it may await; what it printed. `names` are at hand, and gain what it defines."""
    code = compile(textwrap.dedent(block.text), str(ROOT / block.place), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        waiting = eval(code, names)
        if inspect.isawaitable(waiting):
            await waiting
    return said.getvalue()


async def people(chat: Any) -> dict[str, Any]:
    """What pieces of programs find at hand: two people of a team, and a room."""
    signed = {}
    for name in ("ada", "bob"):
        signed[name] = await chat.execute(parlour.SignUp(name, f"{name}@example.org", "correct horse"), chat.system)
    ada, bob = (chat.actor(signed[name].user.id) for name in ("ada", "bob"))
    team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
    await chat.execute(parlour.AddWorkspaceMember(team.id, bob.known), ada)
    asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "general", workspace_id=team.id)
    room = await chat.execute(asked, ada)
    await chat.execute(parlour.JoinRoom(room.id), bob)
    return {"parlour": parlour, "chat": chat, "ada": ada, "bob": bob, "team": team, "room": room}
