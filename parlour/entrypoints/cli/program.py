"""What the command line needs of the program that composes it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen


@frozen
class SettingShown:
    """A setting: its variable, its value (secrets hidden), where it came from, and what it is for."""

    name: str
    value: str
    source: str
    help: str


class Refused(Exception):
    """A use case said no, or something could not be done; `exit` is the exit code."""

    def __init__(self, message: str, exit: int) -> None:  # noqa: A002 - it is one
        super().__init__(message)
        self.exit = exit


class Program(Protocol):
    """parlour, as the command line sees it."""

    def serve(self, *, reload: bool, debug: bool) -> None:
        """Serve until told to stop."""

    def migrate(self, *, roles: bool = False) -> Sequence[str]:
        """Bring the store up to date, and make the `roles` that keep tenants apart; where it stands now, a line each."""

    def settings(self) -> Sequence[SettingShown]:
        """All settings in force."""

    def run(self, name: str, data: Mapping[str, Any], *, patience: float | None = 30) -> Any:
        """Run a use case as the system: beside a running server through its control socket, on the store itself
        otherwise. The answer as plain values; `Refused` when it does not work, or when a server does not answer for
        `patience` seconds."""

    def read_in(self, path: str, *, new_epochs: bool) -> int:
        """Read a bundle into the store, which must be empty and nobody's at the moment; how many rows it holds. `Refused`
        says why not, and then nothing was changed."""
