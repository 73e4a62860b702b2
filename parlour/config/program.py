"""The program behind the command line: settings, a store or a running server, and what to say when it cannot."""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import click
from typed_settings import SecretStr

from ..adapters.codec.extensions import SchemaUnfit
from ..adapters.security.keyfile import UnsafeKey
from ..adapters.sql.bundle.load import read_in
from ..adapters.sql.bundle.read import checked
from ..adapters.sql.migrations import MigrationError
from ..adapters.sql.open import core_steps
from ..adapters.sql.sqlite_file import StoreBroken, StoreInUse
from ..adapters.sql.unfit import DatabaseUnfit, DatabaseUnreachable
from ..application.kernel.actor import SYSTEM, Call, Way
from ..domain.kernel.errors import DomainError
from ..entrypoints.cli.program import Refused, SettingShown
from ..entrypoints.errors import TABLE
from ..entrypoints.server import PortInUse, run
from .database_url import on_sqlite, shown_url, sqlite_path
from .flags import FlagsError
from .instance import Instance
from .logs import set_up_logs
from .plan import plan_of
from .reload import run_with_reload
from .server import serve_settings
from .settings import Loaded, Settings, SettingsError, checked_to_serve, load_settings

CONFIG_ERROR, CANNOT_START = 78, 69
KNOWN = (
    SettingsError, SchemaUnfit, FlagsError, StoreInUse, StoreBroken, MigrationError, UnsafeKey, PortInUse, DatabaseUnreachable,
    DatabaseUnfit,
)  # fmt: skip

MADE_ROLES = "parlour_app, parlour_relay and parlour_doctor have their rights: grant parlour_app to the role the server signs in as"

WELCOME = """\
parlour {version} listens on {base} and keeps everything in {store}. Ctrl-C stops it. Try, in another terminal:

  curl -s {base}/health
  curl -s {base}/api/signup --json '{{"username": "ada", "email": "ada@example.org", "password": "correct horse"}}'
  curl -s {base}/openapi.json

The README goes on from there: a room for two, by HTTP and over a WebSocket.
"""


class CommandLine:
    """`Program` from the settings of this process."""

    def __init__(self, version: str) -> None:
        self._version = version

    def serve(self, *, reload: bool, debug: bool) -> None:
        if reload:
            run_with_reload()
            return
        settings = self._loaded(checked_to_serve).settings
        set_up_logs("debug" if debug else settings.log_level, settings.log_format)
        self._try(
            lambda: run(
                serve_settings(settings, self._version, partial(_welcome, settings, self._version)), debug=debug
            )
        )

    def migrate(self, *, roles: bool = False) -> Sequence[str]:
        settings = self._loaded().settings
        if roles and on_sqlite(settings.database_url):
            raise Refused(
                "--roles is for PostgreSQL: a SQLite file has no roles, only its server reads it", CONFIG_ERROR
            )

        async def work() -> None:
            instance = Instance(plan_of(settings))
            try:
                await instance.open()
                if roles:
                    await _make_roles(instance)
            finally:
                await instance.stop()

        self._try(lambda: asyncio.run(work()))
        last, store = core_steps()[-1], shown_url(settings.database_url)
        made = [MADE_ROLES] if roles else []
        return [f"{store} is up to date: core at {last.number:03} ({last.name})", *made]

    def settings(self) -> Sequence[SettingShown]:
        loaded = self._loaded()
        shown = []
        for a in attrs.fields(Settings):
            value = getattr(loaded.settings, a.name)
            text = _shown(a.name, value)
            said = a.metadata["typed-settings"]["help"]
            shown.append(SettingShown(a.name.upper(), text, loaded.sources[a.name], said))
        return shown

    def read_in(self, path: str, *, new_epochs: bool) -> int:
        settings = self._loaded().settings

        async def work() -> int:
            bundle = checked(Path(path))  # before the store is so much as opened
            instance = Instance(plan_of(settings))
            try:
                await instance.open()
                if not await instance.leadership.lead("scheduler"):  # a server that runs has it, or another import
                    raise Refused("a server works on this database: stop it, then read the bundle in", CANNOT_START)
                await read_in(bundle, instance.store, new_epochs=new_epochs)
            finally:
                await instance.stop()
            return bundle.rows

        try:
            return asyncio.run(work())
        except DomainError as error:
            raise Refused(error.message, TABLE[error.category].exit) from error
        except KNOWN as error:
            raise Refused(str(error), CANNOT_START) from error

    def run(self, name: str, data: Mapping[str, Any], *, patience: float | None = 30) -> Any:
        settings = self._loaded().settings
        if on_sqlite(settings.database_url) and not Path(sqlite_path(settings.database_url)).exists():
            where = shown_url(settings.database_url)
            raise Refused(f"there is no database at {where} yet: `parlour migrate` or a server makes it", CANNOT_START)

        async def work() -> Any:
            instance = Instance(plan_of(settings))
            try:
                await instance.open()
                answer = await instance.bus.call(name, data, Call(SYSTEM, Way.SYSTEM))
                return instance.codec.parse(instance.codec.encode(answer.value))
            finally:
                await instance.stop()

        try:
            return asyncio.run(work())
        except StoreInUse as error:
            if error.socket is None:
                raise Refused(str(error), CANNOT_START) from error
            return _asked(error.socket, name, data, patience)
        except DomainError as error:
            raise Refused(error.message, TABLE[error.category].exit) from error
        except KNOWN as error:
            raise Refused(str(error), CANNOT_START) from error

    def _loaded(self, check: Callable[[Settings], Any] = lambda settings: None) -> Loaded:
        try:
            loaded = load_settings()
            check(loaded.settings)
            return loaded
        except SettingsError as error:
            raise Refused(str(error), CONFIG_ERROR) from error

    def _try(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except (SettingsError, FlagsError) as error:
            raise Refused(str(error), CONFIG_ERROR) from error
        except KNOWN as error:
            raise Refused(str(error), CANNOT_START) from error
        except DomainError as error:
            raise Refused(error.message, TABLE[error.category].exit) from error
        except KeyboardInterrupt:
            pass


def _shown(name: str, value: Any) -> str:
    """A setting as it may be seen."""
    if isinstance(value, SecretStr):
        return "(hidden)" if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    return shown_url(value) if name.startswith("database_") and isinstance(value, str) else str(value)


async def _make_roles(instance: Instance) -> None:
    from ..adapters.sql.postgres import PostgresStore

    assert isinstance(instance.store, PostgresStore), "the URL is not SQLite's"
    await instance.store.database.make_roles()


def _asked(path: str, name: str, data: Mapping[str, Any], patience: float | None) -> Any:
    """Ask the server that has the store, through its control socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.settimeout(patience)
            connection.connect(path)
            connection.sendall(json.dumps({"name": name, "data": dict(data)}).encode() + b"\n")
            with connection.makefile("rb") as file:
                line = file.readline()
            if not line:
                raise ConnectionError("it ended before it had answered")
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            raise Refused(f"the server that has the store does not answer at {path}: {error}", CANNOT_START) from error
    if "error" in answer:
        problem = answer["error"]
        exits = {shown.status: shown.exit for shown in TABLE.values()}
        raise Refused(problem["detail"], exits.get(problem["status"], 1))
    return answer["data"]


def _welcome(settings: Settings, version: str, port: int) -> None:
    """Say where the server is, and what to try."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base, url = f"http://{host}:{port}", settings.database_url
    store = sqlite_path(url) if on_sqlite(url) else shown_url(url)
    click.echo(WELCOME.format(version=version, base=base, store=store))
