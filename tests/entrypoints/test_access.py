"""The table of `docs/access.md` is true by every way in, and whole."""

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from parlour.application.kernel.actor import Actor, Way
from parlour.application.kernel.authorizer import Facts, Policy
from parlour.domain.kernel.decisions import Allowed, Decision
from parlour.domain.kernel.permissions import Permission

from ..server import Server
from .access_rows import CATALOGUE, Row, rows
from .access_table import ABSENT, FILE, Table, asked, table_of
from .access_ways import AWay, InLibrary, OverHttp, OverSocket
from .access_world import KINDS

NO_SESSION = {"create_ticket", "switch_workspace"}
"""What needs a session, which an actor of the library has not."""
OF_A_SERVER = {"broadcast_frame", "clean_up_sockets", "get_socket_stats", "list_online", "send_frame"}
"""What is about a server's sockets, of which a program that uses the library has none."""


def expected(row: Row, kind: str, table: Table, way: Way) -> str | None:
    """What the table says of a row, as this way in has it; None where it says nothing of it."""
    cell = table.cells.get((row.label, kind), "nothing")
    if way is Way.WEBSOCKET and kind in {"anonymous", "suspended"}:
        return "401 unauthenticated" if kind == "anonymous" else "401 session_ended"
    if way is Way.LIBRARY and kind == "suspended":
        return None
    if way is Way.LIBRARY and row.entry.name in NO_SESSION and cell == "yes":
        return "403 no_session"
    if way is Way.LIBRARY and row.entry.name in OF_A_SERVER and cell == "yes":
        return "409 not_serving"
    return cell


def differences(way: AWay, table: Table, kinds: tuple[str, ...] = KINDS) -> Iterator[str]:
    for row, kind, found in asked(way, kinds):
        wanted = expected(row, kind, table, way.way)
        if found is not None and wanted is not None and found.cell != wanted:
            yield f"{row.label} as {kind}: {found.cell}, but the table says {wanted}"


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.read(FILE.read_text())


@pytest.mark.row("WS4", "ID5", "OP7")
def test_the_table_is_what_a_server_answers(server: Server) -> None:
    """Also: whatever one may not know of answers exactly like what is not there."""
    written = table_of(OverHttp(server, CATALOGUE)).written(rows())
    assert written == FILE.read_text(), "docs/access.md is stale: run python -m tests.entrypoints.access_table"


@pytest.mark.row("WS4", "DX1")
def test_a_socket_answers_as_the_table_says(server: Server, table: Table) -> None:
    assert list(differences(OverSocket(server, CATALOGUE), table)) == []


@pytest.mark.row("WS4", "DX1")
def test_the_library_answers_as_the_table_says(table: Table, database_url: str) -> None:
    with InLibrary(CATALOGUE, database_url) as library:
        assert list(differences(library, table)) == []


def test_every_use_case_is_in_the_table(table: Table) -> None:
    assert [r.label for r in rows() if (r.label, KINDS[0]) not in table.cells] == []
    assert {label for label, _ in table.cells} == {r.label for r in rows()}, "a row of the table has no use case"


def test_a_use_case_that_is_not_in_the_table_is_seen(table: Table) -> None:
    planted = attrs.evolve(CATALOGUE.of(type_of("get_room")), name="look_into_room")
    missing = [r.label for r in rows([planted]) if (r.label, KINDS[0]) not in table.cells]  # type: ignore[arg-type]
    assert missing == ["`look_into_room` (private channel)", "`look_into_room` (public channel)"]


def type_of(name: str) -> Any:
    entry = CATALOGUE.get(name)
    assert entry is not None
    return entry.input


class _Anything(Policy):
    def decide(self, actor: Actor, permission: Permission, facts: Facts) -> Decision:
        return Allowed("whatever")


def test_a_policy_that_lets_everybody_in_is_seen(table: Table, database_url: str) -> None:
    with InLibrary(CATALOGUE, database_url, {Policy: _Anything()}) as library:
        found = list(differences(library, table, ("other tenant",)))
    assert "`get_room` (private channel) as other tenant: yes, but the table says 404 not_found" in found


@pytest.mark.parametrize("entry", [e for e in CATALOGUE if not e.on(Way.WEBSOCKET)], ids=lambda e: e.name)
def test_what_the_table_leaves_out_is_not_there(entry: Any, server: Server) -> None:
    way = OverSocket(server, CATALOGUE)
    way.sign_up("somebody", f"x{id(entry):x}z")
    assert way.ask("somebody", entry, {}).cell == "404 unknown_use_case"


def test_cells_of_what_has_no_way_in_are_empty(table: Table) -> None:
    empty = {label for (label, _), cell in table.cells.items() if cell == ABSENT}
    assert empty == {r.label for r in rows() if not r.entry.on(Way.HTTP)}
