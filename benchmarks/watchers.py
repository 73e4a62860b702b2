"""People in a process of their own who watch each other come: some have sockets and watch, then many open theirs at once."""

import asyncio
import json
import sys
import time
from functools import partial
from typing import Any

from .sockets import Socket


class Watcher(Socket):
    """Watches some people, and counts what it is told of them."""

    def __init__(self, port: int, token: str, watched: list[str]) -> None:
        super().__init__(port, token)
        self.waiting, self.frames, self.last = set(watched), 0, 0.0
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.all_came: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(self) -> None:
        self.say({"type": "subscribe", "id": "1", "topic": "presence", "user_ids": sorted(self.waiting)})

    def heard(self, frame: bytes) -> None:
        said = json.loads(frame)
        if said["type"] == "subscribed":
            assert len(said["users"]) == len(self.waiting)
            self.subscribed.set_result(None)
        elif said["type"] in {"presence", "user_joined"}:
            self.frames, self.last = self.frames + 1, time.perf_counter()
            self.waiting -= {change["user_id"] for change in said.get("changes", [said])}
            if not self.waiting and not self.all_came.done():
                self.all_came.set_result(None)
        else:
            raise RuntimeError(frame)


async def measure(
    port: int, watchers: list[tuple[str, list[str]]], tokens: list[str], within: float
) -> dict[str, float]:
    """How many frames came to the watchers, from the first who came until all were told of."""
    loop = asyncio.get_running_loop()
    made = [
        (await loop.create_connection(partial(Watcher, port, t, watched), "127.0.0.1", port))[1]
        for t, watched in watchers
    ]
    await asyncio.gather(*(w.welcome for w in made))
    for watcher in made:
        watcher.watch()
    await asyncio.gather(*(w.subscribed for w in made))
    began = time.perf_counter()
    came = []
    for n, token in enumerate(tokens):
        await asyncio.sleep(max(0.0, began + within * n / len(tokens) - time.perf_counter()))
        came.append(loop.create_task(_come(port, token)))
    people = await asyncio.gather(*came)
    took = time.perf_counter() - began
    async with asyncio.timeout(60):
        await asyncio.gather(*(w.all_came for w in made))
    lasted = max(w.last for w in made) - began
    assert len(people) == len(tokens)
    frames = [w.frames for w in made]
    return {"came_in": took, "lasted": lasted, "most": max(frames), "frames": sum(frames)}


async def _come(port: int, token: str) -> Socket:
    """Whoever is told that the server has too much to do comes again."""
    loop = asyncio.get_running_loop()
    while True:
        _, socket = await loop.create_connection(partial(Socket, port, token), "127.0.0.1", port)
        try:
            await socket.welcome
        except ConnectionRefusedError as refused:
            if b" 503 " not in refused.args[0]:
                raise
            await asyncio.sleep(0.1)
        else:
            return socket


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        run: Any = asyncio.run
    else:
        run = uvloop.run
    print(json.dumps(run(measure(**json.load(sys.stdin)))))
