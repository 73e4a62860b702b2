"""The command line: `parlour`, or `python -m parlour`."""

from .config.cli import main

if __name__ == "__main__":
    main()
