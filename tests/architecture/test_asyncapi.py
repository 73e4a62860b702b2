"""`/asyncapi.json`: valid by the schema of AsyncAPI 3.0, and every frame, event and use case of the socket is in it."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from parlour.adapters.codec.schemas import MsgspecSchemas
from parlour.application.kernel.actor import Way
from parlour.application.kernel.catalogue import Catalogue
from parlour.config.features import CORE
from parlour.config.flags import TomlFlags
from parlour.domain.kernel.event import Event, event_classes
from parlour.entrypoints.realtime import asyncapi

from .source import ROOT

pytestmark = pytest.mark.row("DX2")
CATALOGUE = Catalogue(m.feature for m in CORE)
REALTIME = ROOT / "parlour/entrypoints/realtime"
OFFICIAL = ROOT / "tests/vendored/asyncapi-3.0.0.json"
MESSAGES = "#/components/messages/"


def ours() -> list[type[Event]]:
    """The events of parlour's own features; tests have some of their own."""
    return [kind for kind in event_classes() if kind.__module__.startswith("parlour.domain.")]


async def _nothing(flag: str) -> None:
    return None


def said() -> dict[str, Any]:
    flags = TomlFlags(None, (), _nothing)
    return asyncapi.describe(CATALOGUE, ours(), MsgspecSchemas(), flags, "0", "127.0.0.1:8000")


@cache
def official() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text()))


def wrong(document: Any) -> list[str]:
    """What is not valid: by the schema, or because a reference leads nowhere."""
    plain = json.loads(json.dumps(document))
    found = [f"{error.json_path}: {error.message[:200]}" for error in official().iter_errors(plain)]
    return found + [ref for ref in references(plain) if not leads_somewhere(plain, ref)]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if "$ref" in part else []
        return here + [r for value in part.values() for r in references(value)]
    return [r for value in part for r in references(value)] if isinstance(part, list) else []


def leads_somewhere(document: Any, ref: str) -> bool:
    place = document
    for name in ref.removeprefix("#/").split("/"):
        if not isinstance(place, dict) or name not in place:
            return False
        place = place[name]
    return True


def types_of(document: dict[str, Any], channel: str, action: str) -> set[str]:
    """The `type`s of the frames that go one way in a channel."""
    names = [
        m["$ref"].rpartition("/")[2]
        for o in document["operations"].values()
        if o["action"] == action and o["channel"]["$ref"] == f"#/channels/{channel}"
        for m in o["messages"]
    ]
    return {document["components"]["messages"][n]["payload"]["properties"]["type"]["const"] for n in names}


def test_it_is_valid() -> None:
    assert wrong(said()) == []


@pytest.mark.parametrize("where", ["address", "action", "reference"])
def test_what_is_not_valid_is_seen(where: str) -> None:
    document = said()
    if where == "address":
        document["channels"]["socket"]["address"] = 7
    elif where == "action":
        document["operations"]["subscribe"]["action"] = "dance"
    else:
        del document["components"]["messages"]["error"]
    assert wrong(document)


def test_every_use_case_of_the_socket_is_an_operation_with_its_answer() -> None:
    document = said()
    for entry in CATALOGUE:
        assert (entry.name in document["operations"]) == entry.on(Way.WEBSOCKET), entry.name
        if entry.on(Way.WEBSOCKET):
            replies = document["operations"][entry.name]["reply"]["messages"]
            assert [r["$ref"].rpartition("/")[2] for r in replies] == [f"{entry.name}_result", "error"]


def test_every_event_is_shown_on_sockets_and_streams() -> None:
    document = said()
    for channel in ("socket", "stream"):
        assert {kind.tag for kind in ours()} <= types_of(document, channel, "send")


def literals(pattern: str, *files: Path) -> set[str]:
    return {name for file in files for name in re.findall(pattern, file.read_text())}


def test_every_frame_in_the_code_is_described() -> None:
    document = said()
    sources = [f for f in REALTIME.glob("*.py") if f.name not in {"asyncapi.py", "wire.py"}]
    sent = literals(r'"type": "(\w+)"', *sources) - {"presence"} | {"typing", "user_joined", "user_left", "presence"}
    assert sent - {"result"} <= types_of(document, "socket", "send") | types_of(document, "stream", "send") | {"closed"}
    assert types_of(document, "stream", "send") - {kind.tag for kind in ours()} == {
        "welcome", "subscribed", "unsubscribed", "at", "typing", "closed", "presence", "user_joined", "user_left",
    }  # fmt: skip
    cases = re.findall(r"^        case (.+):", (REALTIME / "asking.py").read_text(), re.MULTILINE)
    asked = {name for case in cases for name in re.findall(r'"(\w+)"', case.partition(" if ")[0])}
    assert asked | {"ping", "pong", "authenticate"} == types_of(document, "socket", "receive")


def test_a_frame_that_was_forgotten_is_seen() -> None:
    document = said()
    del document["operations"]["typing_frame"]
    assert "typing" not in types_of(document, "socket", "receive")
