"""What works, row by row: makes docs/features.md of docs/features.toml and of the tests that carry a row's id.

    python tools/rows.py [--print] [--write] [--check]

A test says what it proves by `@pytest.mark.row("ID1", "WS4")` on the function, on its class, or by `pytestmark` of its
module. The tests are read, not run. `--check` fails when the file is stale, when a row called done or partly has no
test, when a test names a row that does not exist, and when a row that is partly done does not say what is missing.
"""

import argparse
import ast
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[1]
STATES = ("done", "partly", "planned")
COMMAND = "make rows"


@attrs.frozen
class Row:
    id: str
    area: str
    text: str
    state: str
    note: str = ""


@attrs.frozen
class Proof:
    """A test, and one row that it proves."""

    row: str
    path: str
    test: str


def read_rows(root: Path) -> list[Row]:
    content = tomllib.loads((root / "docs" / "features.toml").read_text(encoding="utf-8"))
    return [Row(**row) for row in content["row"]]


def marked(node: ast.expr) -> list[str]:
    """The ids of `pytest.mark.row(...)`, alone or in a list; nothing if it is another mark."""
    if isinstance(node, ast.List | ast.Tuple):
        return [id for element in node.elts for id in marked(element)]
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.mark.row", "mark.row"}):
        return []
    values = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
    ids = [value for value in values if isinstance(value, str)]
    if len(ids) < len(values):
        raise SystemExit(f"rows: line {node.lineno}: the ids of a mark are written out: {ast.unparse(node)}")
    return ids


def module_marks(module: ast.Module) -> list[str]:
    found = []
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets):
            assert isinstance(node, ast.Assign)
            found += marked(node.value)
    return found


def walk(body: list[ast.stmt], outer: list[str], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each test with each row it proves, those of its class and module among them."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            own = outer + [id for decorator in node.decorator_list for id in marked(decorator)]
            own += module_marks(ast.Module(node.body, []))
            yield from walk(node.body, own, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            own = outer + [id for decorator in node.decorator_list for id in marked(decorator)]
            yield from ((id, f"{prefix}{node.name}") for id in dict.fromkeys(own))
        elif isinstance(node, ast.Assign) and ast.unparse(node.value).rstrip(")").endswith(".TestCase"):
            # a state machine: TestRooms = RoomMachine.TestCase, or pytest.mark.row("RM1")(RoomMachine.TestCase)
            own = outer + (marked(node.value.func) if isinstance(node.value, ast.Call) else [])
            yield from ((id, ast.unparse(node.targets[0])) for id in dict.fromkeys(own))


def read_proofs(root: Path) -> list[Proof]:
    found = []
    for path in sorted((root / "tests").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        module = ast.parse(path.read_text(encoding="utf-8"), filename=name)
        if path.name.startswith("test_"):
            found += [Proof(id, name, test) for id, test in walk(module.body, module_marks(module))]
    return found


def problems(rows: list[Row], proofs: list[Proof]) -> list[str]:
    ids = {row.id for row in rows}
    proved = {proof.row for proof in proofs}
    found = [
        f"{proof.path}: {proof.test} names {proof.row}, which is no row" for proof in proofs if proof.row not in ids
    ]
    for row in rows:
        if row.state not in STATES:
            found.append(f"{row.id}: its state is {row.state!r}: it may be {', '.join(STATES)}")
        elif row.state != "planned" and row.id not in proved:
            found.append(f"{row.id} is called {row.state}, but no test carries its id")
        if row.state == "partly" and not row.note:
            found.append(f"{row.id} is called partly done, but no note says what is there and what is missing")
    found += [f"{id} is there {count} times" for id, count in Counter(row.id for row in rows).items() if count > 1]
    return found


def evidence(proofs: list[Proof]) -> str:
    """The tests of a row, gathered by file."""
    files: dict[str, list[str]] = defaultdict(list)
    for proof in proofs:
        files[proof.path].append(proof.test)
    return "<br>".join(
        f"[{path.removeprefix('tests/')}](../{path}): {', '.join(f'`{test}`' for test in tests)}"
        for path, tests in files.items()
    )


def render(rows: list[Row], proofs: list[Proof]) -> str:
    by_row: dict[str, list[Proof]] = defaultdict(list)
    for proof in proofs:
        by_row[proof.row].append(proof)
    states = Counter(row.state for row in rows)
    lines = ["# What works, row by row", ""]
    lines += [f"Made by `{COMMAND}` of [features.toml](features.toml) and of the tests' marks: do not edit.", ""]
    lines += [f"{len(rows)} rows: " + ", ".join(f"{states[state]} {state}" for state in STATES) + ".", ""]
    for area in dict.fromkeys(row.area for row in rows):
        lines += [f"## {area}", "", "| id | what it says | state | proved by |", "|---|---|---|---|"]
        for row in rows:
            if row.area == area:
                state = row.state + (f": {row.note}" if row.note else "")
                cells = (row.id, row.text, state, evidence(by_row[row.id]))
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def summary(rows: list[Row], proofs: list[Proof]) -> str:
    tests = Counter(proof.row for proof in proofs)
    return "\n".join(f"{row.id:<5} {row.state:<8} {tests[row.id]:>3} tests  {row.text[:80]}" for row in rows)


def main(arguments: list[str], root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="rows")
    for option in ("--print", "--write", "--check"):
        parser.add_argument(option, action="store_true")
    options = vars(parser.parse_args(arguments))
    rows, proofs = read_rows(root), read_proofs(root)
    target, wanted = root / "docs" / "features.md", render(rows, proofs)
    found = problems(rows, proofs)
    if options["write"]:
        target.write_text(wanted, encoding="utf-8")
    if options["print"]:
        print(summary(rows, proofs))
    if options["check"]:
        if not target.exists() or target.read_text(encoding="utf-8") != wanted:
            found.append(f"docs/features.md is stale: {COMMAND} writes it anew")
        print(f"rows: {len(rows)}, {len({proof.row for proof in proofs})} with tests, {len(found)} wrong")
    for line in found:
        print(f"rows: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
