"""Where the engines have words of their own, and why. Everything else is one SQL for both."""

from pathlib import Path

import pytest

from parlour.adapters.sql.loader import Queries, wordings

QUERIES = Path(__file__).parents[2] / "parlour/adapters/sql/queries"
LISTS = "a list is JSON on SQLite and an array on PostgreSQL"
FLAGS = "SQLite has no boolean"
COMMITS = "rows of SQLite lie in the order of commits; PostgreSQL needs a column that grows within each stream"
BESIDE = "units work beside each other on PostgreSQL alone, so a decision names the versions it relies on"
HELD = "what is decided by is held until the unit ends, where units do not take turns"
WALL = "behind the wall between tenants an index serves a topic put together from a row only by a look-up for each row"
ONE = (
    "PostgreSQL's plan for any parameters looks up one row for each, or the first few, only in a subquery with a limit"
)
JSON = "JSON is read by functions of its own on each engine"
TWINS = {
    "bans.bans_of": LISTS,
    "besides.followed": ONE,
    "blocks.blocked_by": LISTS,
    "doctor.mentions": JSON,
    "doctor.reactions": JSON,
    "expiry.due_rooms": "of those at once each takes others on PostgreSQL; on SQLite they take turns",
    "expiry.hold": HELD,
    "expiry.going": HELD,
    "expiry.quoting": HELD,
    "identity.user_held": HELD,
    "identity.add_session": HELD,
    "workspaces.add_member": HELD,
    "identity.people": LISTS,
    "identity.called": LISTS,
    "kernel.heads": LISTS,
    "kernel.lowest_waiting": FLAGS,
    "kernel.waiting": COMMITS,
    "kernel.mark": LISTS,
    "kernel.pass_over": COMMITS,
    "kernel.too_old": COMMITS,
    "kernel.floor_by_age": "the smaller of two is min() on SQLite and least() on PostgreSQL",
    "messages.held": HELD,
    "presence.kept": LISTS,
    "presence.known_to": LISTS,
    "migrations.make_table": "types of its own",
    "own_rooms.unread_rooms": WALL,
    "own_rooms.waiting": LISTS,
    "rooms.fellows": ONE,
    "rooms.in_room": LISTS,
    "reactions.own": LISTS,
    "rooms.hold": HELD,
    "schedule.all_of": HELD,
    "schedule.held": HELD,
    "workspaces.standing": BESIDE,
    "workspaces.in_workspace": LISTS,
}
ALONE = {"kernel.hold_access": BESIDE, "rooms.standing_as_of": BESIDE}
FILES_ALONE = sorted(QUERIES.glob("postgres*.sql"))
"""Transactions within the wall, sending in groups, roles: nothing of SQLite's."""


def found() -> dict[str, set[str]]:
    """The queries that are not one for both, with the engines that have words for them."""
    engines: dict[str, set[str]] = {}
    for path in QUERIES.glob("*.sql"):
        if path not in FILES_ALONE:
            for name, engine in wordings(path):
                engines.setdefault(f"{path.stem}.{name}", set()).add(engine)
    return {name: said for name, said in engines.items() if said != {""}}


def test_each_twin_has_its_reason_here() -> None:
    assert {n for n, said in found().items() if said == {"sqlite", "postgres"}} == set(TWINS)
    assert {n for n, said in found().items() if len(said) == 1} == set(ALONE)


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.sql")), ids=lambda p: p.stem)
def test_twins_stand_beside_each_other(path: Path) -> None:
    names = [name for name, _ in wordings(path)]
    for name in names:
        first = names.index(name)
        assert names[first : first + names.count(name)] == [name] * names.count(name), f"{name} stands in two places"


def test_files_for_postgresql_alone_have_no_other_words() -> None:
    assert {e for path in FILES_ALONE for _, e in wordings(path)} == {"postgres"}


def test_the_control_a_query_for_one_engine_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "some.sql"
    path.write_text("-- name: one @postgres\nselect 1\n-- name: both\nselect 2\n")
    assert list(wordings(path)) == [("one", "postgres"), ("both", "")]
    assert [q.name for q in Queries(path)] == ["one", "both"]
