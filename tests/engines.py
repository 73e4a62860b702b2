"""The engines that tests run on: by the fixture `engine`, which everything with a store asks for."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
Databases = Callable[[], AbstractContextManager[str]]
"""Makes empty stores on an engine; each lasts as long as a block, which is told its URL."""

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For a test about SQLite's file, or whose outcome no engine can change."""
