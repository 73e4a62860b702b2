"""One line for each way into a use case by HTTP."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from ...application.kernel.catalogue import Message


@frozen
class Route:
    """A method and a path for a use case. Fields of its input that stand in the path are called the same there; `names`
    says where a path or query name means another field. `status` is the answer's when something was made. `first` is
    False at every further address of a use case."""

    method: str
    path: str
    asks: type[Message[Any]]
    status: int = 200
    names: Mapping[str, str] = field(factory=dict)
    first: bool = True


def get(path: str, asks: type[Message[Any]]) -> Route:
    return Route("GET", path, asks)


def post(path: str, asks: type[Message[Any]], status: int = 200, *, first: bool = True) -> Route:
    return Route("POST", path, asks, status, first=first)


def put(path: str, asks: type[Message[Any]]) -> Route:
    return Route("PUT", path, asks)


def patch(path: str, asks: type[Message[Any]]) -> Route:
    return Route("PATCH", path, asks)


def delete(path: str, asks: type[Message[Any]], names: Mapping[str, str] | None = None, *, first: bool = True) -> Route:
    return Route("DELETE", path, asks, names=names or {}, first=first)


def also_at(routes: tuple[Route, ...], prefix: str, other: str) -> tuple[Route, ...]:
    """The routes under a prefix, under another one as well: the same resources by an older name."""
    moved = [r for r in routes if r.path.startswith(prefix)]
    return (
        *routes,
        *(evolve(r, path=other + r.path.removeprefix(prefix), first=False) for r in moved),
    )
