"""The ways in, as the table needs them: ask a use case as somebody of a kind, and hear what comes of it."""

import asyncio
import contextlib
import itertools
import json
import re
import tempfile
from typing import Any, Protocol, Self
from uuid import UUID

import attrs
import httpx
from typed_settings import SecretStr
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor, Way
from parlour.application.kernel.catalogue import UseCase
from parlour.config.features import CORE
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import UserId
from parlour.entrypoints.errors import TABLE
from parlour.entrypoints.http.route import Route

from ..server import SECRET, Server, bearer
from .access_world import sign_up_input
from .people import PASSWORD

ROUTES = {r.asks: r for m in CORE for r in m.routes if r.first}


@attrs.frozen
class Outcome:
    """What came of it: a status and code as of HTTP, and what was answered."""

    status: int
    code: str = ""
    said: Any = None

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def cell(self) -> str:
        return "yes" if self.ok else f"{self.status} {self.code}"


class AWay(Protocol):
    """A way in; `do`, `sign_up` and `sign_in` build the world."""

    way: Way

    def ask(self, kind: str, entry: UseCase, data: dict[str, Any]) -> Outcome: ...

    def sign_up(self, kind: str, name: str) -> Any: ...

    def sign_in(self, kind: str) -> Any: ...

    def bear(self, kind: str, token: str) -> None: ...

    def do(self, kind: str, name: str, /, **data: Any) -> Any: ...


class OverHttp:
    """Each use case by its route."""

    way = Way.HTTP

    def __init__(self, server: Server, catalogue: Any) -> None:
        self._client, self._catalogue = httpx.Client(base_url=server.base, timeout=20), catalogue
        self._server = server
        self.tokens: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def ask(self, kind: str, entry: UseCase, data: dict[str, Any]) -> Outcome:
        method, path, query, body = request_of(ROUTES[entry.input], data)
        answer = self._client.request(method, path, params=query, json=body, headers=bearer(self.tokens.get(kind)))
        said = answer.json()
        return Outcome(answer.status_code, "" if answer.is_success else said["code"], said)

    def sign_up(self, kind: str, name: str) -> Any:
        self._names[kind] = name
        said = self._client.post("/api/signup", json=sign_up_input(name)).raise_for_status().json()
        self.tokens[kind] = said["access_token"]
        if kind == "instance admin":
            assert self._server.command("admin", "grant", name).returncode == 0
        return said["user"]["id"]

    def sign_in(self, kind: str) -> Any:
        asked = {"login": self._names[kind], "password": PASSWORD}
        return self._client.post("/api/signin", json=asked).raise_for_status().json()

    def bear(self, kind: str, token: str) -> None:
        self.tokens[kind] = token

    def do(self, kind: str, name: str, /, **data: Any) -> Any:
        found = self.ask(kind, self._catalogue.get(name), data)
        assert found.ok, found
        return found.said


def request_of(route: Route, data: dict[str, Any]) -> tuple[str, str, dict[str, Any], Any]:
    """Method, path, query and body of a use case by its route."""
    left = dict(data)
    path = re.sub(r"\{(\w+)\}", lambda m: str(left.pop(route.names.get(m[1], m[1]))), route.path)
    if route.method in {"POST", "PUT", "PATCH"}:
        return route.method, path, {}, left
    names = {field: name for name, field in route.names.items()}
    return route.method, path, {names.get(n, n): v for n, v in left.items()}, None


class OverSocket(OverHttp):
    """Each use case as a frame; the world is built by HTTP."""

    way = Way.WEBSOCKET

    def __init__(self, server: Server, catalogue: Any) -> None:
        super().__init__(server, catalogue)
        self._address = server.ws
        self._ids = itertools.count()

    def build(self, kind: str, entry: UseCase, data: dict[str, Any]) -> Outcome:
        return super().ask(kind, entry, data)

    def ask(self, kind: str, entry: UseCase, data: dict[str, Any]) -> Outcome:
        found, id_ = None, str(next(self._ids))
        headers = bearer(self.tokens.get(kind))
        with (
            contextlib.suppress(ConnectionClosed),
            connect(self._address, additional_headers=headers, proxy=None, compression=None) as ws,
        ):
            with contextlib.suppress(ConnectionClosed):  # what the server said before is still to be read
                ws.send(json.dumps({"type": entry.kind, "id": id_, "name": entry.name, "data": data}))
            found = _heard(ws, id_)
        assert found is not None, "a socket says why before it closes"
        return found

    def do(self, kind: str, name: str, /, **data: Any) -> Any:
        found = self.build(kind, self._catalogue.get(name), data)
        assert found.ok, found
        return found.said


def _heard(ws: ClientConnection, id_: str) -> Outcome:
    """The answer to a frame, or the error about the connection that came instead of it."""
    refused: dict[str, Any] | None = None
    frame: dict[str, Any] = {}
    try:
        while True:
            frame = json.loads(ws.recv(timeout=10))
            if frame["type"] == "error":
                refused = frame["error"]
            if frame.get("id") == id_:
                break
    except ConnectionClosed:
        assert refused is not None, "a socket says why before it closes"
    if refused is not None:
        return Outcome(refused["status"], refused["code"], refused)
    return Outcome(200, "", frame["data"])


class InLibrary:
    """Each use case as a typed command through `Chat.execute`. The host vouches for its users: nobody is suspended."""

    way = Way.LIBRARY

    def __init__(self, catalogue: Any, url: str, given: dict[type, Any] | None = None) -> None:
        self._catalogue, self._runner = catalogue, asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()  # for letters
        settings = Settings(
            database_url=url, feature_flags="", jwt_secret=SecretStr(SECRET), mail_folder=self._folder.name
        )
        self._instance = Instance(attrs.evolve(plan_of(settings), given=given or {}))
        self._names: dict[str, str] = {}
        self._actors: dict[str, Actor] = {"anonymous": STRANGER}

    def __enter__(self) -> Self:
        self._runner.run(self._instance.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._instance.stop())
        self._runner.close()
        self._folder.cleanup()

    def ask(self, kind: str, entry: UseCase, data: dict[str, Any], actor: Actor | None = None) -> Outcome:
        codec, actor = self._instance.codec, actor or self._actors[kind]
        try:
            message = codec.build(entry.input, data)
            answer = self._runner.run(self._instance.chat.execute(message, actor))
        except DomainError as error:
            return Outcome(TABLE[error.category].status, error.code)
        return Outcome(200, "", codec.parse(codec.encode(answer)))

    def sign_up(self, kind: str, name: str) -> Any:
        self._names[kind] = name
        user_id = self.do("anonymous", "sign_up", **sign_up_input(name))["user"]["id"]
        self._actors[kind] = Actor(UserId(UUID(user_id)), is_admin=kind == "instance admin")
        return user_id

    def sign_in(self, kind: str) -> Any:
        return self.do("anonymous", "sign_in", login=self._names[kind], password=PASSWORD)

    def bear(self, kind: str, token: str) -> None:
        self._actors[kind] = self._runner.run(self._instance.chat.bearer(token))

    def do(self, kind: str, name: str, /, **data: Any) -> Any:
        actor = SYSTEM if name == "reactivate_user" else None
        found = self.ask(kind, self._catalogue.get(name), data, actor)
        assert found.ok, found
        return found.said
