"""Extension data of users, against a real server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..server import DidNotStart, Server
from .people import Person, sign_up, team

pytestmark = pytest.mark.row("AD2")

SCHEMA = {
    "type": "object",
    "properties": {
        "theme": {"enum": ["dark", "light"]},
        "a/b": {"type": "object", "properties": {"n": {"type": "integer"}}},
        "mails": {"type": "array", "items": {"type": "string", "maxLength": 5}},
    },
    "additionalProperties": False,
}


def of(person: Person) -> str:
    return f"/api/users/{person.id}/extensions"


def test_setting_changing_and_reading(server: Server) -> None:
    ann = sign_up(server)
    empty = ann.done("GET", of(ann))
    assert empty == {"user_id": ann.id, "extensions": {}, "created_at": None, "updated_at": None}
    data = {"theme": "dark", "size": {"w": 1, "h": 2.5}, "é 🏖️": [None, True]}
    first = ann.done("PUT", of(ann), {"extensions": data})
    assert first["extensions"] == data
    changed = ann.done("PATCH", of(ann), {"extensions": {"theme": None, "size": {"w": 3}}})
    assert changed["extensions"] == {"size": {"w": 3, "h": 2.5}, "é 🏖️": [None, True]}
    assert changed["created_at"] == first["created_at"] < changed["updated_at"]
    assert ann.done("GET", of(ann)) == changed
    assert ann.done("PUT", of(ann), {"extensions": {}})["extensions"] == {}


def test_who_may(server: Server) -> None:
    ann, ben, eve, root = (sign_up(server) for _ in range(4))
    server.command("admin", "grant", root.username)
    ann.done("PUT", of(ann), {"extensions": {"of": "ann"}})
    for other in (ben, eve):
        assert other.ask("GET", of(ann)).status_code == 404
    team(ann, ben)
    assert ben.done("GET", of(ann))["extensions"] == {"of": "ann"}
    refused = [
        (who.ask(method, of(ann), {"extensions": {}}).status_code) for who in (ben, eve) for method in ("PUT", "PATCH")
    ]
    assert refused == [403, 403, 404, 404]
    assert root.done("PATCH", of(ann), {"extensions": {"by": "root"}})["extensions"] == {"of": "ann", "by": "root"}
    nobody = root.ask("GET", "/api/users/00000000-0000-0000-0000-000000000000/extensions")
    assert nobody.status_code == 404


@pytest.fixture
def schooled(make_server: Callable[..., Server], tmp_path: Path) -> Server:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    return make_server(extensions_schema=tmp_path / "schema.json", extensions_bytes=200)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "data, places",
    [
        ({"theme": "red"}, [("/extensions/theme", "schema")]),
        ({"a/b": {"n": "one"}, "mails": ["ok", 7, "too long"]}, [
            ("/extensions/a~1b/n", "schema"), ("/extensions/mails/1", "schema"), ("/extensions/mails/2", "schema"),
        ]),
        ({"more": 1}, [("/extensions", "schema")]),
        ({"mails": ["x" * 5] * 40}, [("/extensions", "too_large")]),
    ],
)  # fmt: skip
def test_what_breaks_the_schema_is_told_by_its_place(
    schooled: Server, method: str, data: dict[str, Any], places: list[tuple[str, str]]
) -> None:
    ann = sign_up(schooled)
    good = {"theme": "light", "mails": ["ok"]}
    assert ann.done("PUT", of(ann), {"extensions": good})["extensions"] == good
    answer = ann.ask(method, of(ann), {"extensions": data})
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (400, places)
    assert ann.done("GET", of(ann))["extensions"] == good, "nothing has changed"


@pytest.mark.parametrize("words", ["no JSON", '{"type": "no type"}', "[]", '{"type": ["object", 5]}'])
def test_a_file_without_a_schema_stops_the_start(
    make_server: Callable[..., Server], tmp_path: Path, words: str
) -> None:
    (tmp_path / "schema.json").write_text(words)
    with pytest.raises(DidNotStart, match="EXTENSIONS_SCHEMA"):
        make_server(extensions_schema=tmp_path / "schema.json")


def test_nothing_is_fetched_for_a_schema(make_server: Callable[..., Server], tmp_path: Path) -> None:
    elsewhere = {"$ref": "http://127.0.0.1:1/other.json"}
    (tmp_path / "schema.json").write_text(json.dumps(elsewhere))
    with pytest.raises(DidNotStart, match=r"other\.json"):
        make_server(extensions_schema=tmp_path / "schema.json")
    (tmp_path / "schema.json").write_text(json.dumps({"properties": {"a": elsewhere}}))
    ann = sign_up(make_server(extensions_schema=tmp_path / "schema.json"))
    answer = ann.ask("PUT", of(ann), {"extensions": {"a": 1}})
    assert (answer.status_code, [e["code"] for e in answer.json()["errors"]]) == (400, ["schema"])
    assert ann.ask("PUT", of(ann), {"extensions": {"b": 1}}).status_code == 200
