"""A server in a process of its own, with people in a room and sockets for them."""

import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import frozen
from websockets.asyncio.client import ClientConnection

from tests.server import Server, serving

PASSWORD = "correct horse battery"


@frozen
class Talk:
    """A room of a running server, and open sockets of its members."""

    folder: Path
    room_id: str
    sockets: list[ClientConnection]
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that the server has used."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def talk(members: int, sockets: int) -> AsyncIterator[Talk]:
    """A server with a public channel, its members in it, each with some sockets that follow nothing."""
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as name:
        folder = Path(name)
        with serving(folder, LOG_LEVEL="WARNING") as server:
            tokens = [await _sign_up(server, n) for n in range(members)]
            room_id = await _room(server, tokens)
            async with AsyncExitStack() as opened:
                found = [await opened.enter_async_context(_socket(server, t)) for t in tokens for _ in range(sockets)]
                yield Talk(folder, room_id, found, server.pid)


async def send(talk: Talk, socket: ClientConnection, content: str) -> None:
    """Send a message and wait until it is acknowledged."""
    await socket.send(json.dumps({"type": "text", "id": "1", "room_id": talk.room_id, "content": content}))
    while True:
        frame = json.loads(await socket.recv())
        if frame["type"] == "ping":
            await socket.send('{"type":"pong"}')
        elif frame.get("id") == "1":
            if frame["type"] != "result":
                raise RuntimeError(frame)
            return


@asynccontextmanager
async def _socket(server: Server, token: str) -> AsyncIterator[ClientConnection]:
    async with server.socket(token) as socket:
        await socket.recv()  # welcome
        yield socket


async def _sign_up(server: Server, n: int) -> str:
    account = {"username": f"user{n}", "email": f"user{n}@example.org", "password": PASSWORD}
    token: str = (await _post(server, None, "/api/signup", account))["access_token"]
    return token


async def _room(server: Server, tokens: list[str]) -> str:
    first, *rest = tokens
    workspace = (await _post(server, first, "/api/workspaces", {"name": "a team"}))["id"]
    room = {"workspace_id": workspace, "kind": "public_channel", "name": "general"}
    room_id: str = (await _post(server, first, "/api/rooms", room))["id"]
    link = (await _post(server, first, f"/api/workspaces/{workspace}/invitations", {}))["token"]
    for token in rest:
        await _post(server, token, f"/api/invites/{link}/accept", {})
        await _post(server, token, f"/api/rooms/{room_id}/join", {})
    return room_id


async def _post(server: Server, token: str | None, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with server.http(token) as client:
        answer = await client.post(path, json=body)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
