"""SQL is written in `.sql` files and nowhere else; this reads them.

`-- name: x` begins a query, with `@sqlite` or `@postgres` behind the name where the engines must differ. Parameters are
`:named`. `-- pages: x (a, b)` begins a list in pages: a query that ends in its conditions, and that becomes `x_after` and
`x_before`, which read on from the key `(:key_0, :key_1)`, at most `:most` rows, and `x_from` and `x_upto`, which begin with
it. Where more is joined to the rows of a page,
`:page` stands at the end of the conditions that choose them, and `:way` behind each key in the order of the whole.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

_NAMED = re.compile(r"(?<![:\w]):([a-z]\w*)")
_HEADER = re.compile(r"^-- (name|pages): (\w+)(?: @(\w+))?(?: \((.+)\))?$")


_WAYS = (("after", ">", "asc"), ("before", "<", "desc"), ("from", ">=", "asc"), ("upto", "<=", "desc"))


@frozen(eq=False)
class Query:
    """One query, in the words of each engine. SQLite runs it as `ordered`, with what `takes` names in that order: it binds
    them faster than names."""

    name: str
    sqlite: str
    postgres: str
    takes: tuple[str, ...] = field(init=False)
    ordered: str = field(init=False)

    @takes.default
    def _takes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_NAMED.findall(self.sqlite)))

    @ordered.default
    def _ordered(self) -> str:
        return _NAMED.sub(lambda found: f"?{self.takes.index(found[1]) + 1}", self.sqlite)


class Queries:
    """The queries of one file, by name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        texts: dict[str, dict[str, str]] = {}
        for name, engine, text in _queries(path):
            words = texts.setdefault(name, {})
            if engine in words or "" in words or (engine == "" and words):
                raise ValueError(f"{path.name} has two queries called {name!r} for the same engine")
            words[engine] = text
        self._queries = {
            n: Query(n, w.get("sqlite", w.get("", "")), for_psycopg(w.get("postgres", w.get("", ""))))
            for n, w in texts.items()
        }
        self.__dict__.update(self._queries)

    def __getattr__(self, name: str) -> Query:
        raise AttributeError(f"{self._path.name} has no query called {name!r}")

    def __iter__(self) -> Iterator[Query]:
        return iter(self._queries.values())


def for_psycopg(text: str) -> str:
    """`:named` as psycopg writes it."""
    return _NAMED.sub(r"%(\1)s", text.replace("%", "%%"))


def load(name: str) -> Queries:
    """The queries of `queries/<name>.sql`."""
    return Queries(Path(__file__).parent / "queries" / f"{name}.sql")


def wordings(path: Path) -> Iterator[tuple[str, str]]:
    """The names of a file's queries in their order, each with the engine whose words it is in: empty for both."""
    for _, name, engine, _, _ in _blocks(path):
        yield name, engine


def _queries(path: Path) -> Iterator[tuple[str, str, str]]:
    for kind, name, engine, keys, text in _blocks(path):
        if kind == "name":
            yield name, engine, text
            continue
        columns = [k.strip() for k in keys.split(",")]
        given = ", ".join(f":key_{n}" for n in range(len(columns)))
        for suffix, sign, order in _WAYS:
            ordered = ", ".join(f"{c} {order}" for c in columns)
            page = f"and ({keys}) {sign} ({given})\norder by {ordered}\nlimit :most"
            whole = text if ":page" in text else f"{text}\n  :page"
            yield f"{name}_{suffix}", engine, whole.replace(":page", page).replace(":way", order)


def _blocks(path: Path) -> Iterator[tuple[str, str, str, str, str]]:
    header: tuple[str, str, str, str] | None = None
    lines: list[str] = []
    for line in [*path.read_text().splitlines(), "-- name: end"]:
        match = _HEADER.match(line)
        if match is None:
            lines.append(line)
            continue
        if header is not None:
            yield (*header, "\n".join(lines).strip().removesuffix(";"))
        header, lines = (match[1], match[2], match[3] or "", match[4] or ""), []
