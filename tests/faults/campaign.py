"""A server under load, with clients that outlive it, and what is left of it all in the end."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field

from .actors import Ledger, Record, Stubborn, Subscriber, edit_lane, over_http, send_lane, wander_lane
from .audit_doings import Found, all_sent, mark_of, order_of
from .doings import Doings, Person, answer_lane, later_lane, mark_lane, order_lane, pin_lane, react_lane
from .line import Frame, Line, opened
from .process import Server

PASSWORD = "correct horse battery staple"


@define
class World:
    """People and rooms on a server: the first person owns both rooms, the last one wanders, and the one before stands by."""

    server: Server
    tokens: list[str] = field(factory=list)
    users: list[str] = field(factory=list)
    rooms: list[str] = field(factory=list)
    team: str = ""

    @classmethod
    async def make(cls, server: Server, people: int = 5, rooms: int = 2) -> "World":
        world = cls(server)
        async with server.client() as http:
            for n in range(people):
                name = f"person{n}"
                told = await _post(http, "/api/signup", username=name, email=f"{name}@example.org", password=PASSWORD)
                world.tokens.append(told["access_token"])
                world.users.append(told["user"]["id"])
        async with server.client(world.tokens[0]) as http:
            world.team = team = (await _post(http, "/api/workspaces", name="Team"))["id"]
            for user in world.users[1:]:
                await _post(http, f"/api/workspaces/{team}/members", user_id=user)
            for n in range(rooms):
                room = await _post(http, "/api/rooms", kind="public_channel", name=f"room{n}", workspace_id=team)
                world.rooms.append(room["id"])
                if people > 2:
                    await _post(http, f"/api/rooms/{room['id']}/members", user_ids=world.users[1:-1])
        return world


async def _post(http: httpx.AsyncClient, path: str, **data: Any) -> Any:
    answer = await http.post(path, json=data)
    assert answer.is_success, answer.text
    return answer.json()


@define
class Outcome:
    """What clients remember, and what two readers find afterwards. Everything by room."""

    ledger: Ledger
    records: list[Record]
    messages: dict[str, list[Frame]]
    logs: dict[str, list[list[Frame]]]
    members: dict[str, list[str]]
    doctor: str
    late: list[str]
    doings: Doings
    found: Found


class Campaign:
    """Load on a server: senders by socket and by HTTP, one who edits, one who comes and goes, subscribers, and whatever else
    people do."""

    def __init__(self, world: World, lanes: int = 4) -> None:
        self.world, self.server, self.ledger = world, world.server, Ledger()
        self.doings = Doings(self.ledger)
        self._lanes = lanes
        self._going = True
        self._clients: list[Stubborn] = []
        self._http: list[httpx.AsyncClient] = []
        self.subscribers: list[Subscriber] = []
        self._working: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        for token in self.world.tokens[:2]:
            subscriber = Subscriber(self.server, token)
            self.subscribers.append(subscriber)
            await subscriber.begin(self.world.rooms)
        for n, token in enumerate(self.world.tokens[:3]):
            self._senders(n, token)
        editor, wanderer = Stubborn(self.server, self.world.tokens[1]), Stubborn(self.server, self.world.tokens[-1])
        self._clients += [editor, wanderer]
        rooms, user = self.world.rooms, self.world.users[-1]
        self._work(edit_lane(self.ledger, "editor", editor, rooms[0], self._on))
        self._work(wander_lane(self.ledger, "wanderer", user, wanderer, rooms[-1], self._on))
        self._others()

    def _others(self) -> None:
        """The first three people do more than send."""
        clients = [Stubborn(self.server, token) for token in self.world.tokens[:3]]
        self._clients += clients
        owner, one, two = map(Person, self.world.users, clients)
        room, other = self.world.rooms[0], self.world.rooms[-1]
        self._work(answer_lane(self.doings, "answers", one, room, self._on))
        self._work(react_lane(self.doings, "reactions", one, two, other, self._on))
        self._work(pin_lane(self.doings, "pins", owner, room, self._on))
        self._work(mark_lane(self.doings, "marks", two, other, self._on))
        self._work(later_lane(self.doings, "later", one, other, self._on))
        self._work(order_lane(self.doings, "order", owner, self.world.users[3], room, self._on))

    def _senders(self, n: int, token: str) -> None:
        client, http = Stubborn(self.server, token), self.server.client(token)
        self._clients.append(client)
        self._http.append(http)
        for lane in range(self._lanes):
            room = self.world.rooms[lane % len(self.world.rooms)]

            async def by_socket(key: str, room: str = room) -> Any:
                return await client.command("send_message", key, room_id=room, content=key)

            async def by_http(key: str, room: str = room) -> Any:
                return await over_http(http, self.server, f"/api/rooms/{room}/messages", key, {"content": key})

            send = by_http if lane == self._lanes - 1 else by_socket
            self._work(send_lane(self.ledger, f"sender{n}-{lane}", room, send, self._on))

    def _on(self) -> bool:
        return self._going

    def _work(self, work: Any) -> None:
        self._working.append(asyncio.create_task(work))

    async def under_load(self, acknowledgements: int) -> None:
        """Return when so many more were acknowledged, in the middle of others; fail when a client has failed."""
        reached = asyncio.create_task(self.ledger.reached(self.ledger.acknowledged + acknowledgements))
        async with asyncio.timeout(30):
            await asyncio.wait({reached, *self._working}, return_when=asyncio.FIRST_COMPLETED)
        for task in self._working:
            if task.done():
                task.result()
        await reached
        for _ in range(random.randrange(20)):
            await asyncio.sleep(0)  # somewhere between two frames

    async def kill(self, times: int, most: int = 60) -> None:
        """Let the server be killed so often, each time under load, and begun again."""
        for _ in range(times):
            await self.under_load(random.randrange(5, most))
            await self.server.kill()
            await self.server.start()

    async def settle(self) -> None:
        """Let everybody have what they wait for, then stop."""
        self._going = False
        async with asyncio.timeout(30):
            await asyncio.gather(*self._working)

    async def outcome(self, patience: float = 10.0) -> Outcome:
        await self.settle()
        found = await self._found(patience)
        messages, members, logs, late = {}, {}, {}, []
        for room in self.world.rooms:
            async with opened(self.server.ws, self.world.tokens[0]) as line:
                messages[room], head = await _history(line, room)
                members[room] = [m["user_id"] for m in (await line.query("list_members", room_id=room))["items"]]
            late += await self._wait(f"room:{room}", head, patience)
            logs[room] = [await self._log(token, room, head) for token in self.world.tokens[:2]]
        records = [record for subscriber in self.subscribers for record in subscriber.records.values()]
        doctor = await self.server.doctor()
        return Outcome(self.ledger, records, messages, logs, members, doctor, late, self.doings, found)

    async def _found(self, patience: float) -> Found:
        tokens, rooms, users = self.world.tokens, self.world.rooms, self.world.users
        async with opened(self.server.ws, tokens[1]) as line:
            waiting = await all_sent(line, self.world.team, patience)
        async with opened(self.server.ws, tokens[2]) as line:
            marks = {(users[2], rooms[-1]): await mark_of(line, rooms[-1])}
        async with opened(self.server.ws, tokens[0]) as line:
            return Found(marks, waiting, await order_of(line, rooms[0], users[3]))

    async def _wait(self, topic: str, head: Frame, patience: float) -> list[str]:
        try:
            async with asyncio.timeout(patience):
                await asyncio.gather(*(s.reached(topic, head["offset"]) for s in self.subscribers))
        except TimeoutError:
            return [topic]
        return []

    async def _log(self, token: str, room: str, head: Frame) -> list[Frame]:
        """The whole log, as one reader finds it."""
        found: list[Frame] = []
        async with self.server.client(token) as http:
            while True:
                at = {"epoch": head["epoch"], "offset": found[-1]["offset"] if found else 0, "limit": 200}
                page = (await http.get(f"/api/rooms/{room}/events", params=at)).json()
                if not page["items"]:
                    return found
                found += page["items"]

    async def close(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        for client in [*self._clients, *self.subscribers]:
            await client.close()
        for http in self._http:
            await http.aclose()


async def _history(line: Line, room: str) -> tuple[list[Frame], Frame]:
    page = await line.query("list_messages", room_id=room, limit=200)
    found, head = page["items"], page["position"]
    while page["prev"] is not None:
        page = await line.query("list_messages", room_id=room, limit=200, cursor=page["prev"])
        found = [*page["items"], *found]
    return found, head


@asynccontextmanager
async def campaign(
    folder: Path,
    database: str,
    sabotage: str | None = None,
    lanes: int = 4,
    kind: type[Server] = Server,
    **settings: str,
) -> AsyncIterator[Campaign]:
    """A server with people at work on it."""
    server = kind(folder, database, sabotage, **settings)
    running: Sequence[Campaign] = ()
    try:
        await server.start()
        world = await World.make(server)
        running = [Campaign(world, lanes)]
        await running[0].begin()
        yield running[0]
    finally:
        for one in running:
            await one.close()
        await server.close()
