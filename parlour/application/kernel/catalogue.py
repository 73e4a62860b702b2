"""The catalogue of use cases: each is declared once, and every way in is a projection of its entry."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar, get_args, get_type_hints

from attrs import field, fields, frozen

from ...domain.kernel.errors import DomainError
from ...domain.kernel.event import Event
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import TopicKind
from .actor import Way

R = TypeVar("R")

Handler = Callable[..., Awaitable[Any]]


class Message(Generic[R]):
    """What a use case is asked with; `R` is what it answers. Frozen attrs classes derive from Command or Query."""


class Command(Message[R]):
    """Asks for a change."""


class Query(Message[R]):
    """Asks to be shown something; changes nothing."""


class Change(Command[R]):
    """A command that changes parts of a thing: `fields` are the names that were sent, so that null can be told from
    silence. Subclasses have a field `fields: frozenset[str] = frozenset()`.
    """

    @classmethod
    def of(cls, **given: Any) -> Self:
        """The command with exactly these fields sent."""
        make: Any = cls
        made: Self = make(**given, fields=frozenset(given))
        return made


@frozen
class Found(Generic[R]):
    """A command's answer when what was asked for was there already, and nothing was made."""

    view: R


@frozen
class Failed:
    """A command's answer when it ends in an error and what it did stays all the same: a stolen token ends its session."""

    error: DomainError


@frozen
class UseCase:
    """One entry. `absent` says for each way in that it does not have why not; system ones are the scheduler's alone.

    `slow`: it takes too long to be part of a unit with others; `slow_when` says it of some of its inputs only.
    `scope` is what a personal access token needs for one that no policy decides about, such as those about oneself.
    `rates` are taken by every call, `rates_with` by one in which a field says something: by the field's name.
    `runs` names the use cases that a message has others run: where the answer of one is secret, the whole answer is.
    """

    name: str
    input: type[Message[Any]]
    result: Any
    handler: Handler
    feature: str = ""
    flag: str | None = None
    strangers: bool = False
    secret: bool = False
    slow: bool = False
    slow_when: Callable[[Any], bool] | None = None
    scope: Permission | None = None
    own_key: bool = False
    runs: Callable[[Any], Iterable[str]] | None = None
    rates: tuple[str, ...] = ("default",)
    rates_with: Mapping[str, str] = field(factory=dict)
    absent: Mapping[Way, str] = field(factory=dict)

    @property
    def is_command(self) -> bool:
        return issubclass(self.input, Command)

    @property
    def kind(self) -> str:
        return "command" if self.is_command else "query"

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.input) or self.name).split("\n\n")[0].replace("\n", " ")

    @property
    def description(self) -> str:
        return inspect.getdoc(self.input) or ""

    def takes_long(self, message: Message[Any]) -> bool:
        return self.slow or (self.slow_when is not None and self.slow_when(message))

    def on(self, way: Way) -> bool:
        """Whether the way in has this use case."""
        return way not in self.absent and (way is not Way.BATCH or (self.is_command and not self.strangers))


def use_case(handler: Handler, **options: Any) -> UseCase:
    """The entry of a handler: its first parameter's class is the input, its name the name.

    `options` are the fields of `UseCase`.
    """
    hints = get_type_hints(handler)
    asked = hints[next(iter(inspect.signature(handler).parameters))]
    return UseCase(name=handler.__name__, input=asked, result=answer_of(asked), handler=handler, **options)


def answer_of(asked: type[Message[Any]]) -> Any:
    """What a command or query answers: the argument of its generic base."""
    for base in getattr(asked, "__orig_bases__", ()):
        if args := get_args(base):
            return args[0]
    raise TypeError(f"{asked.__name__} does not say what it answers: derive it from Command[View] or Query[View]")


class Moment(StrEnum):
    """When a reaction runs."""

    IN_UNIT = "in_unit"
    EVERYWHERE = "everywhere"
    DURABLE = "durable"


@frozen
class Reaction:
    """What follows from an event: `when_x_then_y(event, ports...)`.

    `in_unit`: at once, in the same unit of work. `everywhere`: after the commit, before the caller is answered, on the
    instance that committed, and on others as they learn of it; quick, in memory, and not awaited. `durable`: after the
    commit, once for all instances, at least once, by the relay.
    """

    event: type[Event]
    handler: Callable[..., Any]
    moment: Moment


def in_unit(event: type[Event], handler: Handler) -> Reaction:
    return Reaction(event, handler, Moment.IN_UNIT)


def everywhere(event: type[Event], handler: Callable[..., None]) -> Reaction:
    return Reaction(event, handler, Moment.EVERYWHERE)


def durable(event: type[Event], handler: Handler) -> Reaction:
    return Reaction(event, handler, Moment.DURABLE)


@frozen
class ResourceKind:
    """A kind of thing that rights are about, and whose topic whoever has the permission `read` may follow.

    `facts(id, user_id, ports...)` reads what the policy decides by; None when there is no such thing.
    """

    kind: TopicKind
    facts: Handler
    read: Permission


@frozen
class Chore:
    """A use case that the scheduler runs by itself every `seconds`, as the system."""

    command: Message[Any]
    seconds: int


@frozen
class Feature:
    """A part of parlour, or of a host's program: what it can do, and what it does when something happens.

    `flag` is the name of its switch in `feature_flags.toml`; None for what is always on.
    """

    name: str
    use_cases: tuple[UseCase, ...] = ()
    resources: tuple["ResourceKind", ...] = ()
    reactions: tuple[Reaction, ...] = ()
    chores: tuple[Chore, ...] = ()
    flag: str | None = None


class Catalogue:
    """All use cases of the features, by name and by the class they are asked with."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self.features = tuple(features)
        self._by_name: dict[str, UseCase] = {}
        self._by_input: dict[type, UseCase] = {}
        for feature in self.features:
            for entry in feature.use_cases:
                self._add(_in(feature, entry))

    def _add(self, entry: UseCase) -> None:
        if entry.name in self._by_name or entry.input in self._by_input:
            raise TypeError(f"two use cases are called {entry.name!r} or asked with {entry.input.__name__}")
        self._by_name[entry.name] = entry
        self._by_input[entry.input] = entry

    def __iter__(self) -> Iterator[UseCase]:
        return iter(self._by_name.values())

    def get(self, name: str) -> UseCase | None:
        return self._by_name.get(name)

    def hides(self, entry: UseCase, message: Message[Any]) -> bool:
        """Whether the answer to a message holds secrets, of its own or of what it has others run."""
        inner = map(self.get, entry.runs(message)) if entry.runs is not None else ()
        return entry.secret or any(one is not None and one.secret for one in inner)

    def of(self, message: type) -> UseCase:
        return self._by_input[message]


def _in(feature: Feature, entry: UseCase) -> UseCase:
    given = {a.name: getattr(entry, a.name) for a in fields(UseCase)}
    return UseCase(**{**given, "feature": feature.name, "flag": feature.flag})
