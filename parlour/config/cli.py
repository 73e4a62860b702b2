"""`parlour`, composed."""

from importlib.metadata import version

from ..entrypoints.cli.commands import cli
from .program import CommandLine


def main() -> None:
    """Run the command line."""
    cli(obj=CommandLine(version("parlour")))
