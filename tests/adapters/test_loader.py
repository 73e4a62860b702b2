"""Reading `.sql` files."""

from pathlib import Path

import pytest

from parlour.adapters.sql.loader import Queries


def _read(tmp_path: Path, text: str) -> Queries:
    path = tmp_path / "some.sql"
    path.write_text(text)
    return Queries(path)


def test_queries_by_name_in_the_words_of_each_engine(tmp_path: Path) -> None:
    queries = _read(
        tmp_path,
        "-- What this is for.\n\n-- name: both\nselect 1;\n\n"
        "-- name: apart @sqlite\nselect 2\n-- name: apart @postgres\n-- with a word\nselect 3\n",
    )
    assert (queries.both.sqlite, queries.both.postgres) == ("select 1", "select 1")
    assert queries.apart.sqlite == "select 2"
    assert queries.apart.postgres.endswith("select 3")
    assert [q.name for q in queries] == ["both", "apart"]


def test_lists_in_pages(tmp_path: Path) -> None:
    queries = _read(tmp_path, "-- pages: listed (a, t.b)\nselect * from t where c = :c\n")
    assert queries.listed_after.sqlite.split("\n")[1:] == [
        "  and (a, t.b) > (:key_0, :key_1)", "order by a asc, t.b asc", "limit :most",
    ]  # fmt: skip
    assert "order by a desc, t.b desc" in queries.listed_before.postgres
    assert "(a, t.b) < (" in queries.listed_before.postgres
    assert queries.listed_from.sqlite == queries.listed_after.sqlite.replace(">", ">=")
    assert queries.listed_upto.sqlite == queries.listed_before.sqlite.replace("<", "<=")


def test_what_is_joined_to_a_page_stands_behind_it(tmp_path: Path) -> None:
    queries = _read(
        tmp_path,
        "-- pages: listed (t.a)\nselect * from (select * from t where c = :c :page) p\njoin u on u.a = p.a\n"
        "order by p.a :way\n",
    )
    assert queries.listed_after.sqlite.split("\n") == [
        "select * from (select * from t where c = :c and (t.a) > (:key_0)", "order by t.a asc", "limit :most) p",
        "join u on u.a = p.a", "order by p.a asc",
    ]  # fmt: skip
    assert queries.listed_upto.postgres.endswith("order by p.a desc")


def test_a_name_nobody_gave_is_an_error_that_says_where(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match=r"some\.sql has no query called 'nothing'"):
        _ = _read(tmp_path, "-- name: one\nselect 1\n").nothing


@pytest.mark.parametrize("engines", [("", ""), (" @sqlite", " @sqlite"), ("", " @postgres"), (" @postgres", "")])
def test_two_of_one_name_are_refused(tmp_path: Path, engines: tuple[str, str]) -> None:
    text = "".join(f"-- name: same{engine}\nselect 1\n" for engine in engines)
    with pytest.raises(ValueError, match=r"some\.sql has two queries called 'same'"):
        _read(tmp_path, text)
