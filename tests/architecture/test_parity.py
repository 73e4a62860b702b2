"""Every use case by every way in, or the catalogue says why not; nothing leads anywhere else."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import parlour
from parlour.adapters.codec.schemas import MsgspecSchemas
from parlour.application.kernel.actor import Way
from parlour.application.kernel.catalogue import Catalogue, UseCase
from parlour.config.features import CORE
from parlour.config.flags import TomlFlags
from parlour.entrypoints.http.openapi import describe
from parlour.entrypoints.http.route import Route, get

CATALOGUE = Catalogue(m.feature for m in CORE)
ROUTES = tuple(r for m in CORE for r in m.routes)
PATH_NAME = re.compile(r"\{(\w+)\}")
SENTENCE = 10  # characters; what is shorter explains nothing


def gaps(entries: Iterable[UseCase], routes: Iterable[Route]) -> Iterator[str]:
    """Each way in that a use case lacks without a word about why."""
    routed = {r.asks for r in routes}
    for entry in entries:
        ways = [Way.HTTP, Way.WEBSOCKET, Way.LIBRARY, *([Way.BATCH] if entry.is_command else [])]
        for way in ways:
            there = entry.on(way) and (way is not Way.HTTP or entry.input in routed)
            if not there and len(entry.absent.get(way, "")) < SENTENCE:
                yield f"{entry.name} is not on {way}, and the catalogue does not say why"
            if way is Way.HTTP and not entry.on(way) and entry.input in routed:
                yield f"{entry.name} has a route, though the catalogue says it has none"


def astray(routes: Iterable[Route]) -> Iterator[str]:
    """Each route that leads to no use case, or whose names are not fields of its input; each address given twice."""
    seen = set()
    for route in routes:
        place = f"{route.method} {route.path}"
        if (route.method, PATH_NAME.sub("{}", route.path)) in seen:
            yield f"{place} is there twice"
        seen.add((route.method, PATH_NAME.sub("{}", route.path)))
        if CATALOGUE.get(_name(route)) is None:
            yield f"{place} leads to no use case"
            continue
        asks: Any = route.asks
        fields = {a.name for a in attrs.fields(asks)}
        for name in {*PATH_NAME.findall(route.path), *route.names}:
            if route.names.get(name, name) not in fields:
                yield f"{place}: {name} is no field of {route.asks.__name__}"


def _name(route: Route) -> str:
    return next((e.name for e in CATALOGUE if e.input is route.asks), "")


@pytest.mark.row("DX1")
def test_every_use_case_has_every_way_in_or_says_why_not() -> None:
    assert list(gaps(CATALOGUE, ROUTES)) == []


@pytest.mark.parametrize("way", [Way.WEBSOCKET, Way.LIBRARY, Way.BATCH, Way.HTTP])
def test_a_way_in_that_is_missing_without_a_reason_is_seen(way: Way) -> None:
    """The negative control: a use case that is taken off one way in, with no reason or an empty one."""
    entry = attrs.evolve(CATALOGUE.of(parlour.CreateRoom), absent={way: ""})
    assert f"create_room is not on {way}, and the catalogue does not say why" in list(gaps([entry], ROUTES))


def test_a_use_case_without_a_route_is_seen() -> None:
    routes = [r for r in ROUTES if r.asks is not parlour.CreateRoom]
    assert list(gaps(CATALOGUE, routes)) == ["create_room is not on http, and the catalogue does not say why"]


def test_every_route_leads_to_a_use_case_and_its_names_are_fields() -> None:
    assert list(astray(ROUTES)) == []


def test_a_route_with_a_wrong_name_or_for_no_use_case_is_seen() -> None:
    class Nothing(parlour.Query[int]):
        """Not in the catalogue."""

    planted = [get("/api/nothing", Nothing), get("/api/rooms/{rom_id}", parlour.GetRoom), get("/x", parlour.ListRooms)]
    assert list(astray([*planted, get("/x", parlour.ListRooms)])) == [
        "GET /api/nothing leads to no use case",
        "GET /api/rooms/{rom_id}: rom_id is no field of GetRoom",
        "GET /x is there twice",
    ]


def test_one_address_of_each_use_case_is_its_first() -> None:
    first = [r.asks for r in ROUTES if r.first]
    assert len(first) == len(set(first)), "two first addresses would share an operation id"


async def _nothing(flag: str) -> None:
    return None


@pytest.mark.row("DX2")
def test_the_api_description_is_valid() -> None:
    said = describe(ROUTES, CATALOGUE, MsgspecSchemas(), TomlFlags(None, (), _nothing), "0")
    OpenAPIV31SpecValidator(said).validate()
    shown = {o["operationId"] for path in said["paths"].values() for o in path.values()}
    assert {e.name for e in CATALOGUE if e.on(Way.HTTP)} <= shown
    assert len(shown) == len(ROUTES), "each operation has an id of its own"


def test_a_description_that_is_not_valid_is_seen() -> None:
    said = describe(ROUTES, CATALOGUE, MsgspecSchemas(), TomlFlags(None, (), _nothing), "0")
    del said["paths"]["/api/rooms/{room_id}"]["get"]["parameters"]
    said["components"]["responses"]["Problem"].pop("description")
    assert list(OpenAPIV31SpecValidator(said).iter_errors())
