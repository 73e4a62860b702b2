"""The command line: `parlour`, or `python -m parlour`."""

import sys


def main() -> None:
    """Run the command line; without what it needs, say so in one line."""
    try:
        from .config.cli import main as run
    except ModuleNotFoundError as error:
        sys.exit(f"parlour: the command line needs {error.name}; install it with: pip install 'parlour[server]'")
    run()


if __name__ == "__main__":
    main()
