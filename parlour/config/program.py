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

from ..adapters.security.keyfile import UnsafeKey
from ..adapters.sql.bundle.load import read_in
from ..adapters.sql.bundle.read import checked
from ..adapters.sql.migrations import MigrationError
from ..adapters.sql.open import core_steps
from ..adapters.sql.sqlite_file import StoreBroken, StoreInUse
from ..application.kernel.actor import SYSTEM, Call, Way
from ..domain.kernel.errors import DomainError
from ..entrypoints.cli.program import Refused, SettingShown
from ..entrypoints.errors import TABLE
from ..entrypoints.server import PortInUse, run
from .flags import FlagsError
from .instance import Instance
from .logs import set_up_logs
from .plan import plan_of
from .reload import run_with_reload
from .server import serve_settings
from .settings import Loaded, Settings, SettingsError, load_settings, sqlite_path

CONFIG_ERROR, CANNOT_START = 78, 69
KNOWN = (SettingsError, FlagsError, StoreInUse, StoreBroken, MigrationError, UnsafeKey, PortInUse)

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
        settings = self._loaded().settings
        set_up_logs("debug" if debug else settings.log_level, settings.log_format)
        self._try(
            lambda: run(
                serve_settings(settings, self._version, partial(_welcome, settings, self._version)), debug=debug
            )
        )

    def migrate(self) -> Sequence[str]:
        settings = self._loaded().settings

        async def work() -> None:
            instance = Instance(plan_of(settings))
            await instance.start()
            await instance.stop()

        self._try(lambda: asyncio.run(work()))
        last = core_steps()[-1]
        return [f"{settings.database_url} is up to date: core at {last.number:03} ({last.name})"]

    def settings(self) -> Sequence[SettingShown]:
        loaded = self._loaded()
        shown = []
        for a in attrs.fields(Settings):
            value = getattr(loaded.settings, a.name)
            text = (
                ("(hidden)" if value else "")
                if "secret" in a.name
                else str(value).lower()
                if value in (True, False) and isinstance(value, bool)
                else str(value)
            )
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

    def _loaded(self) -> Loaded:
        try:
            return load_settings()
        except SettingsError as error:
            raise Refused(str(error), CONFIG_ERROR) from error

    def _try(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except (SettingsError, FlagsError) as error:
            raise Refused(str(error), CONFIG_ERROR) from error
        except KNOWN as error:
            raise Refused(str(error), CANNOT_START) from error
        except KeyboardInterrupt:
            pass


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
    base, store = f"http://{host}:{port}", sqlite_path(settings.database_url)
    click.echo(WELCOME.format(version=version, base=base, store=store))
