"""Handlers get what they need by its type: ports are found once, when the application is composed."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from .actor import Actor, Call
from .uow import Snapshot, UnitOfWork, Work

T = TypeVar("T")
Bound = Callable[..., Awaitable[Any]]


@frozen
class Shared:
    """A port with one object for all calls."""

    value: Any


@frozen
class Scoped:
    """A port made anew for each unit of work or snapshot, which it reads and writes through."""

    make: Callable[[Any], Any]


Source = Shared | Callable[[Call, Any], Any]
"""Where a parameter comes from: the same for all calls, or from the call and its work."""


@frozen
class Later(Generic[T]):
    """What few calls need of a handler: made when it is asked for. `saying: Later[Saying]` in its parameters."""

    make: Callable[[], T]


class Ports(Protocol):
    """Where a port's adapter is found by the port's class."""

    def find(self, port: type) -> Shared | Scoped | None: ...


class MissingPort(TypeError):
    """A handler asks for a port that nobody provides. Found when the application is composed, never later."""


def bind(function: Callable[..., Any], ports: Ports, given: int, extra: Mapping[type, Any]) -> Bound:
    """`function` with its ports filled in: call it with its first `given` arguments, the call and the work.

    `extra` are further objects by their class.
    """
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)[given:]
    filled = _filled([_source(function, name, hints[name], ports, extra) for name in names])

    def run(*arguments: Any) -> Any:
        *first, call, work = arguments
        return function(*first, *filled(call, work))

    return run


def _filled(sources: Sequence[Source]) -> Callable[[Call, Any], list[Any]]:
    """What the sources give for a call: those with one object for all calls are asked once, here."""
    for_all = [source.value if isinstance(source, Shared) else None for source in sources]
    each = [(n, source) for n, source in enumerate(sources) if not isinstance(source, Shared)]

    def values(call: Call, work: Any) -> list[Any]:
        found = for_all.copy()
        for n, source in each:
            found[n] = source(call, work)
        return found

    return values


def _source(function: Callable[..., Any], name: str, kind: Any, ports: Ports, extra: Mapping[type, Any]) -> Source:
    if kind is Actor:
        return lambda call, work: call.actor
    if kind is Call:
        return lambda call, work: call
    if kind in {UnitOfWork, Work, Snapshot}:
        return lambda call, work: work
    if kind in extra:
        return Shared(extra[kind])
    if get_origin(kind) is Later:
        (meant,) = get_args(kind)
        filled = _filled([_source(function, name, meant, ports, extra)])
        return lambda call, work: Later(lambda: filled(call, work)[0])
    match ports.find(kind):
        case Shared() as shared:
            return shared
        case Scoped(make):
            return lambda call, work: make(work)
        case None if attrs.has(kind):
            return _made_of_ports(kind, ports, extra)
        case None:
            raise MissingPort(f"{function.__qualname__} asks for {kind!r} as {name!r}, which nobody provides")


def _made_of_ports(kind: Any, ports: Ports, extra: Mapping[type, Any]) -> Source:
    """Steps that several handlers share stand in a class whose fields are ports; it is made anew for each call."""
    hints = get_type_hints(kind)
    filled = _filled([_source(kind, a.name, hints[a.name], ports, extra) for a in attrs.fields(kind)])
    return lambda call, work: kind(*filled(call, work))
