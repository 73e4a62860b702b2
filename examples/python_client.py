"""A client in Python: `httpx` asks, `websockets` listens. It renews its tokens, comes back after lost connections, and
misses nothing.

Needs a running server (`make run`) and the packages `httpx` and `websockets`. `PARLOUR` is the server's address.
"""

import asyncio
import json
import os
import random
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

BASE = os.environ.get("PARLOUR", "http://127.0.0.1:8000")

Json = dict[str, Any]


class Refused(Exception):
    """The server says no, and would say it again. `code` is for programs, the text for people."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Later(Exception):
    """Not now: the server is not there, or wants to be asked again in so many seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__("The server does not answer now.")
        self.seconds = seconds


class Lost(Exception):
    """The position to go on from is kept no more: load the state anew, and follow from its position."""


class Client:
    """One person on one server. Whatever it does is done once, and whatever happens is seen once and in order."""

    def __init__(self, base: str = BASE) -> None:
        self._base = base
        self._http = httpx.AsyncClient(base_url=base)
        self.me: Json = {}
        self._tokens: Json = {}

    async def sign_up(self, username: str, email: str, password: str) -> None:
        asked = {"username": username, "email": email, "password": password}
        self._signed_in(await self._try("POST", "/api/signup", asked))

    async def sign_in(self, login: str, password: str) -> None:
        self._signed_in(await self._try("POST", "/api/signin", {"login": login, "password": password}))

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Ask until there is an answer. The key makes that safe: of a command that comes twice, one is done."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        failures = 0
        while True:
            try:
                return await self._try(method, path, body, self._bearer | key)
            except Refused as refused:
                if refused.code != "token_expired":
                    raise
                await self._renew()
            except Later as later:
                await asyncio.sleep(later.seconds or pause(failures))
                failures += 1

    async def follow(self, topic: str, position: Json) -> AsyncGenerator[Json, None]:
        """What happens in a topic after a position, for as long as one listens."""
        place = {"epoch": position["epoch"], "offset": position["offset"], "last_id": position["id"]}
        failures = 0
        while True:
            try:
                async with aclosing(self._live(topic, place)) as events:
                    async for event in events:
                        place |= {"offset": event["offset"], "last_id": event["id"]}
                        failures = 0
                        yield event
            except (OSError, WebSocketException) as error:
                if isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code == 4401:
                    await self._renew()
                    continue
            await asyncio.sleep(pause(failures))
            failures += 1

    async def _live(self, topic: str, place: Json) -> AsyncGenerator[Json, None]:
        """The events of one connection, until it ends."""
        async with connect(self._base.replace("http", "ws", 1) + "/ws", additional_headers=self._bearer) as socket:
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "topic": topic, **place}))
            async for text in socket:
                match frame := json.loads(text):
                    case {"type": "ping"}:
                        await socket.send('{"type": "pong"}')
                    case {"type": "subscribed", "recovered": False}:
                        raise Lost(topic)
                    case {"type": "error", "id": "1", "error": {"code": code, "detail": why}}:
                        raise Refused(code, why)
                    case {"type": "unsubscribed", "reason": code}:
                        raise Refused(code, f"{topic} may be followed no longer.")
                    case {"topic": _, "offset": _, "data": _}:
                        yield frame

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens['access_token']}"}

    async def _renew(self) -> None:
        spent, failures = self._tokens["refresh_token"], 0
        while self._tokens["refresh_token"] == spent:  # whoever else noticed may have been faster
            try:
                self._signed_in(await self._try("POST", "/api/refresh", {"refresh_token": spent}))
            except Later as later:
                await asyncio.sleep(later.seconds or pause(failures))
                failures += 1

    async def _try(self, method: str, path: str, body: Json | None = None, headers: Json | None = None) -> Any:
        try:
            answer = await self._http.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise Later from error
        if answer.is_success:
            return answer.json()
        problem = answer.json()
        if problem["retryable"]:
            raise Later(float(answer.headers.get("Retry-After", 0)))
        raise Refused(problem["code"], problem["detail"])

    def _signed_in(self, answer: Json) -> None:
        self._tokens, self.me = answer, answer["user"]

    async def close(self) -> None:
        await self._http.aclose()


def pause(failures: int) -> float:
    """Seconds until the next try: longer each time, and never the same for everybody."""
    return min(0.1 * 2**failures, 5.0) * random.uniform(0.5, 1.5)


async def main() -> None:
    ada, bob = Client(), Client()
    for client, name in ((ada, "ada"), (bob, "bob")):
        name = f"{name}-{uuid.uuid4().hex[:8]}"
        await client.sign_up(name, f"{name}@example.org", "correct horse")
    team = await ada.ask("POST", "/api/workspaces", {"name": "Team"})
    await ada.ask("POST", f"/api/workspaces/{team['id']}/members", {"user_id": bob.me["id"]})
    asked = {"kind": "direct", "member_ids": [bob.me["id"]], "workspace_id": team["id"]}
    room = await ada.ask("POST", "/api/rooms", asked)
    messages = f"/api/rooms/{room['id']}/messages"

    await ada.ask("POST", messages, {"content": "Hello, Bob."})
    page = await bob.ask("GET", messages)
    print("there:", *(message["content"] for message in page["items"]))
    await ada.ask("POST", messages, {"content": "Are you there?"})
    async with aclosing(bob.follow(f"room:{room['id']}", page["position"])) as events:
        print("live:", (await anext(events))["data"]["content"])
    for client in (ada, bob):
        await client.close()


if __name__ == "__main__":
    asyncio.run(main())
