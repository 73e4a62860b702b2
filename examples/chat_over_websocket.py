"""Two people in a room over WebSockets. One loses the connection, comes back, and has missed nothing.

Needs a running server (`make run`) and the package `websockets`. `PARLOUR` is the server's address.
"""

import asyncio
import json
import os
import uuid
from collections.abc import AsyncGenerator
from typing import Any
from urllib.request import Request, urlopen

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

BASE = os.environ.get("PARLOUR", "http://127.0.0.1:8000")


def post(path: str, body: dict[str, Any], token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(BASE + path, json.dumps(body).encode(), headers)) as answer:
        return json.load(answer)


def sign_up(name: str) -> Any:
    name = f"{name}-{uuid.uuid4().hex[:8]}"
    return post("/api/signup", {"username": name, "email": f"{name}@example.org", "password": "correct horse"})


async def open_socket(token: str) -> ClientConnection:
    socket = await connect(
        BASE.replace("http", "ws", 1) + "/ws", additional_headers={"Authorization": f"Bearer {token}"}
    )
    welcome = json.loads(await socket.recv())
    assert welcome["type"] == "welcome", welcome
    return socket


class Reader:
    """Follows a room through lost connections: it knows the last event it saw, and resumes there."""

    def __init__(self, token: str, topic: str) -> None:
        self.token, self.topic = token, topic
        self.position: dict[str, Any] = {}
        self.socket: ClientConnection | None = None

    async def events(self) -> AsyncGenerator[dict[str, Any], None]:
        while True:
            try:
                async for event in self._until_cut():
                    yield event
            except (ConnectionClosed, OSError) as error:
                print("cut off:", type(error).__name__, "- coming back")
                await asyncio.sleep(0.2)

    async def _until_cut(self) -> AsyncGenerator[dict[str, Any], None]:
        self.socket = await open_socket(self.token)
        await self.socket.send(json.dumps({"type": "subscribe", "id": "1", "topic": self.topic, **self.position}))
        while True:
            frame = json.loads(await self.socket.recv())
            if frame["type"] == "ping":
                await self.socket.send('{"type": "pong"}')
            elif frame["type"] == "error":
                raise RuntimeError(frame["error"]["detail"])
            elif frame["type"] == "subscribed" and not frame["recovered"]:  # the first time, or too long ago: load anew
                self.position = {"epoch": frame["epoch"], "offset": frame["offset"], "last_id": frame["last_id"]}
                yield frame
            elif frame.get("topic") == self.topic and "offset" in frame and "data" in frame:
                self.position = {**self.position, "offset": frame["offset"], "last_id": frame["id"]}
                yield frame


async def say(socket: ClientConnection, room_id: str, *texts: str) -> None:
    for text in texts:
        frame = {"type": "text", "id": text, "room_id": room_id, "content": text, "key": uuid.uuid4().hex}
        await socket.send(json.dumps(frame))
        answer = json.loads(await socket.recv())
        assert answer["type"] == "result", answer


async def main() -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    team = post("/api/workspaces", {"name": "Team"}, ada["access_token"])
    member = {"user_id": bob["user"]["id"]}
    post(f"/api/workspaces/{team['id']}/members", member, ada["access_token"])
    asked = {"kind": "direct", "member_ids": [bob["user"]["id"]], "workspace_id": team["id"]}
    room = post("/api/rooms", asked, ada["access_token"])

    socket = await open_socket(ada["access_token"])
    reader = Reader(bob["access_token"], f"room:{room['id']}")
    events = reader.events()
    assert (await anext(events))["type"] == "subscribed"

    await say(socket, room["id"], "one", "two")
    seen = [(await anext(events))["data"]["content"] for _ in range(2)]
    assert reader.socket is not None
    await reader.socket.close()  # bob is on a train
    await say(socket, room["id"], "three", "four")
    seen += [(await anext(events))["data"]["content"] for _ in range(2)]
    print("bob has seen:", ", ".join(seen))
    await socket.close()
    await events.aclose()


if __name__ == "__main__":
    asyncio.run(main())
