"""What the engines say of how they went about a query."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
from attrs import define, frozen

from parlour.adapters.sql.db import plain
from parlour.adapters.sql.loader import Query

from .cases import Case

_GIVEN = re.compile(r"%\((\w+)\)s")
SMALL = {"notices_head", "migrations", "meta"}
STEPS = 200
"""Instructions of SQLite's machine for a row, at most."""


@frozen
class Plan:
    """Rows and pages that were looked at, and the tables that were read from end to end."""

    rows: int
    buffers: int
    whole: frozenset[str]
    text: str

    def wrong(self, case: Case) -> str:
        """What is not as it should be, or nothing."""
        said = []
        if self.rows > case.rows:
            said.append(f"looks at {self.rows} rows, not at {case.rows}")
        if self.buffers > (case.pages or 50 + 10 * case.rows):
            said.append(f"reads {self.buffers} pages")
        if more := self.whole - case.whole - SMALL:
            said.append(f"reads all of {', '.join(sorted(more))}")
        return f"{case.name} {'; '.join(said)}\n{self.text}" if said else ""


def explained(connection: psycopg.Connection, query: Query, given: dict[str, Any]) -> Plan:
    """Run a query as a prepared statement. Whether its plan knows the parameters is `plan_cache_mode`'s to say."""
    order: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match[1] not in order:
            order.append(match[1])
        return f"${order.index(match[1]) + 1}"

    text = _GIVEN.sub(numbered, query.postgres).replace("%%", "%")
    values = ", ".join(psycopg.ClientCursor(connection).mogrify("%s", [given[name]]) for name in order)
    connection.execute(f"prepare asked as {text}".encode())
    asked = f"explain (analyze, buffers, format json) execute asked{f'({values})' if values else ''}"
    row = connection.execute(asked.encode()).fetchone()
    assert row is not None
    connection.execute("deallocate asked")
    root = row[0][0]["Plan"]
    nodes = list(_nodes(root, 0))
    return Plan(
        rows=sum(_looked_at(node) for _, node in nodes if "Scan" in node["Node Type"]),
        buffers=root["Shared Hit Blocks"] + root["Shared Read Blocks"],
        whole=frozenset(node["Relation Name"] for _, node in nodes if node["Node Type"] == "Seq Scan"),
        text="\n".join("  " * depth + _shown(node) for depth, node in nodes),
    )


def _nodes(node: dict[str, Any], depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    yield depth, node
    for below in node.get("Plans", ()):
        yield from _nodes(below, depth + 1)


def _looked_at(node: dict[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


def _shown(node: dict[str, Any]) -> str:
    kept = ("Node Type", "Relation Name", "Index Name", "Actual Rows", "Actual Loops", "Index Cond", "Filter")
    return ", ".join(str(node[name]) for name in kept if name in node)


@define
class Steps:
    """Counts what SQLite's machine does, in hundreds of instructions."""

    hundreds: int = 0

    def one(self) -> int:
        self.hundreds += 1
        return 0


def explained_by_sqlite(connection: sqlite3.Connection, case: Case) -> str:
    """What is wrong with how SQLite goes about a case, or nothing. It does not count rows, so its instructions are."""
    given = {name: plain(value) for name, value in case.given.items()}
    plan = [detail for *_, detail in connection.execute("explain query plan " + case.query.sqlite, given)]
    whole = [
        step for step in plan if step.startswith("SCAN") and not _harmless(step) and _table(step) not in case.whole
    ]
    steps = Steps()
    connection.set_progress_handler(steps.one, 100)
    connection.execute(case.query.sqlite, given).fetchall()
    connection.set_progress_handler(None, 0)
    said = [
        *whole,
        *([f"takes {steps.hundreds * 100} steps"] if steps.hundreds * 100 > STEPS * (case.rows + 10) else []),
    ]
    return "\n".join([case.name, *said, "as", *plan]) if said else ""


def _table(step: str) -> str:
    return step.split()[1]


def _harmless(step: str) -> bool:
    """What a subquery brought is not a table, and an index that is read in its order up to a limit is not all of it."""
    return step in {"SCAN p", "SCAN mine"} or any(
        word in step for word in ("VIRTUAL TABLE", "CONSTANT ROW", "SUBQUERY", "(subquery")
    )
