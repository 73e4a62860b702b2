"""With a million messages in the store, what is asked often looks at a few rows: by the engine's own account, as each who
may ask, with a plan made for the parameters and with one made for any."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from attrs import evolve

from parlour.adapters.sql.loader import Query

from .million.cases import BY_NAME, CASES, DROPPED, DROPPED_ON_SQLITE, Case
from .million.explained import Plan, explained, explained_by_sqlite
from .million.ids import LARGE, NOW, user
from .million.postgres import Million
from .million.sqlite import million_in

pytestmark = [pytest.mark.xdist_group("million"), pytest.mark.slow, pytest.mark.timeout(600)]
on_postgres = pytest.mark.postgres

OWNERS = {"superuser": "", "owner": f"{LARGE},{user(1)}", "owner for parlour itself": "*"}
PLANS = ("force_custom_plan", "force_generic_plan")


@pytest.fixture(scope="module")
def connections(million: Million) -> Iterator[dict[str, psycopg.Connection]]:
    """Who asks: a superuser, whom no wall stops, and the tables' owner, for somebody and for parlour's own work."""
    made = {who: psycopg.connect(million.owners_url if owners else million.url) for who, owners in OWNERS.items()}
    yield made
    for connection in made.values():
        connection.close()


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = million_in(tmp_path_factory.mktemp("million") / "parlour.db")
    yield connection
    connection.close()


def ask(connection: psycopg.Connection, who: str, mode: str, case: Case, *before: str) -> Plan:
    """How a case is gone about; what it did is undone."""
    try:
        for statement in before:
            connection.execute(statement.encode())
        connection.execute("select set_config('plan_cache_mode', %s, true)", [mode])
        connection.execute("select set_config('parlour.owners', %s, true)", [OWNERS[who]])
        connection.execute("select set_config('parlour.actor', %s, true)", [str(user(1))])
        return explained(connection, case.query, case.given)
    finally:
        connection.rollback()


@on_postgres
@pytest.mark.row("OP8")
@pytest.mark.parametrize("mode", PLANS)
@pytest.mark.parametrize("who", OWNERS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_on_postgresql(connections: dict[str, psycopg.Connection], who: str, mode: str, case: Case) -> None:
    wrong = ask(connections[who], who, mode, case).wrong(case)
    assert not wrong, wrong


@on_postgres
@pytest.mark.parametrize("index, name", DROPPED, ids=lambda part: str(part))
def test_the_control_an_index_that_is_missing_is_seen(
    connections: dict[str, psycopg.Connection], index: str, name: str
) -> None:
    constraint = index.endswith(("_pkey", "_number_key"))
    table = "kept_answers" if index.startswith("kept") else index.split("_")[0]
    dropped = f"alter table {table} drop constraint {index} cascade" if constraint else f"drop index {index}"
    case = BY_NAME[name]
    assert ask(connections["superuser"], "superuser", "force_custom_plan", case, dropped).wrong(case)


@on_postgres
def test_the_control_a_topic_put_together_from_a_row_is_looked_for_everywhere_behind_the_wall(
    connections: dict[str, psycopg.Connection],
) -> None:
    case = BY_NAME["unread in all"]
    flat = case.query.postgres.replace("as materialized", "as not materialized")
    plain = evolve(case, query=Query("unread_in", "", flat))
    assert not ask(connections["owner"], "owner", "force_custom_plan", case).wrong(case)
    assert not ask(connections["superuser"], "superuser", "force_custom_plan", plain).wrong(plain)
    assert ask(connections["owner"], "owner", "force_custom_plan", plain).wrong(plain)


@on_postgres
def test_the_control_by_its_plain_wording_the_wall_makes_the_server_sort_all_members(million: Million) -> None:
    case = BY_NAME["members of a workspace, on"]
    later = evolve(case, given={**case.given, "key_0": NOW - timedelta(days=90, hours=12)})
    rule = "workspace_id = any ((select parlour_owners())::uuid[]) or user_id = (select parlour_actor())"
    plainly = f"alter policy tenants on workspace_members using ({rule})"
    with psycopg.connect(million.owners_url) as connection:
        assert not ask(connection, "owner", "force_custom_plan", later).wrong(later)
        assert ask(connection, "owner", "force_custom_plan", later, plainly).wrong(later)


@pytest.mark.row("OP8")
@pytest.mark.parametrize("case", [case for case in CASES if case.query.sqlite], ids=str)
def test_on_sqlite(lite: sqlite3.Connection, case: Case) -> None:
    lite.execute("begin")
    try:
        wrong = explained_by_sqlite(lite, case)
    finally:
        lite.execute("rollback")
    assert not wrong, wrong


@pytest.mark.parametrize("index, name", DROPPED_ON_SQLITE, ids=lambda part: str(part))
def test_the_control_an_index_that_is_missing_is_seen_on_sqlite(
    lite: sqlite3.Connection, index: str, name: str
) -> None:
    lite.execute("begin")
    try:
        lite.execute(f"drop index {index}")
        assert explained_by_sqlite(lite, BY_NAME[name])
    finally:
        lite.execute("rollback")
