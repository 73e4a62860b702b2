"""A bot: whoever calls it by `@name` is answered in a thread, once, whatever happens to the server or to the bot meanwhile.

It shows a personal access token (`BOT_TOKEN`) with the scopes `user:read`, `room:read` and `room:message:send`, and keeps
the place up to which it has answered in `BOT_FILE`. Needs a running server (`PARLOUR`) and the package `websockets`.
"""

import asyncio
import json
import os
import random
from collections import deque
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

BASE = os.environ.get("PARLOUR", "http://127.0.0.1:8000")

Json = dict[str, Any]


def answer_to(content: str) -> str:
    """What the bot says; this is the part to change."""
    words = [word for word in content.split() if not word.startswith("@")]
    return f"I counted {len(words)} words."


class Refused(Exception):
    """The server says no. `retryable`: the same may work later."""

    def __init__(self, problem: Json) -> None:
        super().__init__(problem["detail"])
        self.retryable = problem["retryable"]


class Bot:
    """Follows its own inbox, where each call for it is an event, and answers each under a key made of the message's id:
    an answer that is given twice is there once."""

    def __init__(self, token: str, file: Path) -> None:
        self._headers, self._file = {"Authorization": f"Bearer {token}"}, file
        self._asked = 0
        self._unheard: deque[Json] = deque()

    async def run(self) -> None:
        """Answer for ever, over as many connections as that takes. Ends when the token does."""
        while True:
            try:
                async with connect(BASE.replace("http", "ws", 1) + "/ws", additional_headers=self._headers) as socket:
                    await self._converse(socket)
            except Refused as error:
                if not error.retryable:
                    raise SystemExit(f"The bot may not listen: {error}") from error
            except (OSError, WebSocketException) as error:
                if isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code == 4401:
                    raise SystemExit(f"The token is worth nothing: {error.rcvd.reason}") from error
            await asyncio.sleep(random.uniform(0.2, 1.0))

    async def _converse(self, socket: ClientConnection) -> None:
        self._unheard.clear()
        me = (await self._heard(socket))["user_id"]
        place = json.loads(self._file.read_text()) if self._file.exists() else {}
        told = await self._ask(socket, type="subscribe", topic=f"user:{me}", only=["mentioned"], **place)
        if not told["recovered"]:  # the first time, or too long ago: from here on
            self._reached({"epoch": told["epoch"], "offset": told["offset"], "last_id": told["last_id"]})
        print("listening", flush=True)
        while True:
            frame = self._unheard.popleft() if self._unheard else await self._heard(socket)
            if frame["type"] == "mentioned":
                await self._answer(socket, **frame["data"])
                self._reached({"epoch": told["epoch"], "offset": frame["offset"], "last_id": frame["id"]})

    async def _answer(self, socket: ClientConnection, message_id: str, room_id: str, **_: Any) -> None:
        try:
            found = await self._ask(socket, type="query", name="get_message", data={"message_id": message_id})
            said = {"room_id": room_id, "content": answer_to(found["data"]["content"]), "reply_to": message_id}
            await self._ask(socket, type="command", name="send_message", data=said, key=f"answer-{message_id}")
        except Refused as error:
            if error.retryable:
                raise  # and come back to it with the next connection
            print("not answered:", error, flush=True)  # taken back meanwhile, or the bot may not write there

    async def _ask(self, socket: ClientConnection, **frame: Any) -> Json:
        """The answer to a frame; what is heard before it is kept for later."""
        self._asked += 1
        await socket.send(json.dumps({"id": str(self._asked), **frame}))
        while (heard := await self._heard(socket)).get("id") != str(self._asked):
            self._unheard.append(heard)
        if heard["type"] == "error":
            raise Refused(heard["error"])
        return heard

    async def _heard(self, socket: ClientConnection) -> Json:
        """The next frame but heartbeats."""
        while (frame := json.loads(await socket.recv()))["type"] == "ping":
            await socket.send('{"type": "pong"}')
        return dict(frame)

    def _reached(self, place: Json) -> None:
        """Keep a place: what is before it was answered."""
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(place))
        beside.replace(self._file)


if __name__ == "__main__":
    asyncio.run(Bot(os.environ["BOT_TOKEN"], Path(os.environ.get("BOT_FILE", "bot.json"))).run())
