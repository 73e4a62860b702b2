"""What happens when a service cannot be had: the tests that need it fail, unless somebody allowed it to be missing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

ALLOWED = "ALLOW_MISSING_SERVICES"
"""Names services by commas, whose tests are skipped where they are missing. CI never sets it."""


class Missing(Exception):
    """A service cannot be had: each place looked in, and what would help."""

    def __init__(self, service: str, looked: list[str], remedies: list[str]) -> None:
        places = "".join(f"\n  - {place}" for place in looked)
        commands = "".join(f"\n  - {command}" for command in remedies)
        super().__init__(f"No {service} for the tests. Looked at:{places}\nWhat would help:{commands}")


def allowed() -> set[str]:
    return {name.strip() for name in os.environ.get(ALLOWED, "").split(",")} - {""}


def refuse(service: str, why: str) -> NoReturn:
    """End the test that needs a missing service."""
    if service in allowed():
        raise pytest.skip.Exception(f"{ALLOWED}: {why}") from None
    raise pytest.fail.Exception(why, pytrace=False) from None


@contextmanager
def needing(service: str) -> Iterator[None]:
    try:
        yield
    except Missing as missing:
        refuse(service, str(missing))
