"""Which optional modules are on."""

from typing import Protocol


class Flags(Protocol):
    """The switches of `feature_flags.toml`. They may turn while the program runs."""

    def on(self, flag: str | None) -> bool:
        """Whether a module is on; what has no flag always is."""

    def names(self) -> list[str]:
        """The modules that are on, by their flags."""
