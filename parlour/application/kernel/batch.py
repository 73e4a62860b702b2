"""Several commands in one request: all or nothing, or each on its own."""

from typing import Annotated, Any, Literal

from attrs import evolve, field, frozen

from ...domain.kernel.errors import DomainError, Fault, Invalid
from .actor import Call, Way
from .bus import Runner
from .catalogue import Command, use_case
from .constraints import Length
from .limits import BATCH_COMMANDS
from .uow import Work


@frozen
class BatchItem:
    """One command: its name, what it is asked with, and a key that makes it safe to repeat."""

    name: str
    data: dict[str, Any] = field(factory=dict)
    key: Annotated[str, Length(1, 255)] | None = None


@frozen
class BatchError:
    """Why one command did not work."""

    code: str
    detail: str
    retryable: bool
    errors: list[Fault] = field(factory=list)


@frozen
class BatchResult:
    """The answer of one command, or its error."""

    data: Any = None
    error: BatchError | None = None


@frozen
class BatchResults:
    """The results, in the order of the commands."""

    results: list[BatchResult]


@frozen
class Batch(Command[BatchResults]):
    """Run several commands in order.

    `all`: in one unit of work; the first that fails undoes all, and the error says which one it was. `each`: every one
    on its own, with a result or an error each. Slow commands (those that hash a password) cannot be part of `all`.
    """

    mode: Literal["all", "each"]
    commands: Annotated[list[BatchItem], Length(1, BATCH_COMMANDS)]


async def batch(command: Batch, call: Call, uow: Work, runner: Runner) -> BatchResults:
    if command.mode == "each":
        return BatchResults([await _each(item, call, runner) for item in command.commands])
    results = []
    _check_keys(command.commands)
    async with uow:
        for n, item in enumerate(command.commands):
            try:
                answer = await runner.inside(uow, item.name, item.data, _part(call, item))
            except DomainError as error:
                if error.retryable:  # the whole batch may work later; nothing about its commands is wrong
                    raise
                raise _placed(error, n) from error
            results.append(BatchResult(answer.value))
    return BatchResults(results)


def _check_keys(items: list[BatchItem]) -> None:
    """A key that comes twice in one unit cannot be answered from what was kept: nothing is kept yet."""
    keys = [(i.name, i.key) for i in items]
    again = [n for n, key in enumerate(keys) if key[1] is not None and key in keys[:n]]
    if again:
        detail = "This key stands with another command of this batch."
        raise Invalid(*(Fault(f"/commands/{n}/key", "key_twice", detail) for n in again))


async def _each(item: BatchItem, call: Call, runner: Runner) -> BatchResult:
    try:
        answer = await runner.call(item.name, item.data, _part(call, item))
    except DomainError as error:
        faults = list(error.faults) if isinstance(error, Invalid) else []
        return BatchResult(error=BatchError(error.code, error.message, error.retryable, faults))
    return BatchResult(answer.value)


def _part(call: Call, item: BatchItem) -> Call:
    """The call of one command: the host's own are counted no more in a batch than alone."""
    return evolve(call, way=Way.BATCH, key=item.key, counted=call.way not in {Way.LIBRARY, Way.SYSTEM})


def _placed(error: DomainError, n: int) -> DomainError:
    """The error with the place of the command it came from in front of its own places."""
    place = f"/commands/{n}"
    if isinstance(error, Invalid):
        faults = [evolve(f, pointer=f"{place}/data{f.pointer}") for f in error.faults]
    else:
        faults = [Fault(place, error.code, error.message)]
    return Invalid(*faults, message=f"Command {n} failed, and nothing was done: {error.message}", code=error.code)


BATCH = use_case(
    batch, runs=lambda message: [c.name for c in message.commands], absent={Way.BATCH: "a batch is not part of a batch"}
)
