"""What units that work beside each other must say to the database, every kind of them says."""

import inspect

import pytest

from parlour.adapters.sql.db import Beside
from parlour.adapters.sql.joined import JoinedUnit
from parlour.adapters.sql.postgres_unit import PostgresUnit
from parlour.adapters.sql.postgres_within import PostgresGround
from parlour.adapters.sql.sqlite_unit import SqliteUnit

SAID = [name for name, _ in inspect.getmembers(Beside, inspect.isfunction)]


def left_out(kind: type[Beside]) -> list[str]:
    """What a kind of unit leaves to the default, which is nothing."""
    return [name for name in SAID if getattr(kind, name) is getattr(Beside, name)]


@pytest.mark.parametrize("kind", [PostgresUnit, JoinedUnit])
def test_nothing_is_left_out(kind: type[Beside]) -> None:
    assert left_out(kind) == []


def test_a_hosts_transaction_leaves_to_its_units_what_they_rely_on() -> None:
    assert left_out(PostgresGround) == ["rely"]


def test_the_control_where_units_take_turns_it_is() -> None:
    assert {"alone", "among", "widen"} <= set(left_out(SqliteUnit))
