"""`feature_flags.toml`: which optional modules are on, read again when it changes."""

import asyncio
import difflib
import logging
import tomllib
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

log = logging.getLogger("parlour.flags")

KNOWN = {
    "enable_organizations": "organizations",
    "enable_user_roles": "roles",
    "enable_proxy_system": "delegation",
    "enable_bot_messages": "bots",
    "enable_online_statistics": "statistics",
    "enable_advanced_admin": "administration",
}


class FlagsError(ValueError):
    """The flags file cannot be used; the message says where and why."""


class TomlFlags:
    """`Flags` in a TOML file of `name = true` lines. `present` are the flags whose modules this program has.

    A file that is broken while the program runs leaves the last good one in force, and says so in the log.
    """

    def __init__(self, path: Path | None, present: Collection[str], when_on: Callable[[str], Awaitable[None]]) -> None:
        self._path, self._present, self._when_on = path, frozenset(present), when_on
        self._seen: tuple[int, int] | None = None
        self._on: frozenset[str] = frozenset()

    def on(self, flag: str | None) -> bool:
        return flag is None or flag in self._on

    def names(self) -> list[str]:
        return sorted(self._on)

    async def load(self) -> None:
        """Read the file and put it in force; `FlagsError` when it cannot be. No file means that all is off."""
        self._seen = self._stamp()
        wanted = self._read()
        for flag in sorted(wanted - self._on):
            await self._when_on(flag)
        self._on = frozenset(wanted)

    async def watch(self, every: float = 0.5) -> None:
        """Put the file in force again whenever it changes, until cancelled."""
        while True:
            await asyncio.sleep(every)
            if self._stamp() != self._seen:
                try:
                    await self.load()
                    log.info("feature flags in force: %s", ", ".join(self.names()) or "none")
                except Exception as error:
                    log.error("feature flags unchanged, the new file cannot be used: %s", error)  # noqa: TRY400 - one line

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat() if self._path is not None else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size) if stat is not None else None

    def _read(self) -> set[str]:
        if self._path is None or not self._path.exists():
            return set()
        try:
            values = tomllib.loads(self._path.read_text())
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise FlagsError(f"{self._path}: {error}") from error
        return {flag for flag, value in values.items() if self._checked(flag, value)}

    def _checked(self, flag: str, value: object) -> bool:
        known = {*KNOWN, *self._present}
        if flag not in known:
            near = difflib.get_close_matches(flag, known, 1)
            hint = f" Did you mean {near[0]}?" if near else f" Known are: {', '.join(sorted(known))}."
            raise FlagsError(f"{self._path}: there is no flag called {flag}.{hint}")
        if not isinstance(value, bool):
            raise FlagsError(f"{self._path}: {flag} must be true or false, not {value!r}")
        if value and flag not in self._present:
            raise FlagsError(f"{self._path}: {flag} is on, but this version has no module {KNOWN[flag]} yet")
        return value
