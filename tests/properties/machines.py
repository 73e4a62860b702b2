"""State machines that talk to one instance for all their examples."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from parlour.application.kernel.ports import Person
from parlour.domain.kernel.ids import UserId
from parlour.entrypoints.library.chat import Chat

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Waits for a coroutine, in the loop of the instance: machines are not asynchronous."""


class Anybody:
    """`People` of a host who knows everybody."""

    async def named(self, ids: Sequence[UserId]) -> dict[UserId, Person]:
        return {user_id: Person(user_id, str(user_id), str(user_id)) for user_id in ids}


def run_machine(
    machine: Callable[[Chat, Run], RuleBasedStateMachine],
    opening: AbstractAsyncContextManager[Chat],
    examples: int,
    phases: Sequence[Phase] = tuple(Phase),
) -> None:
    """Run so many examples of a machine against what is opened. Their steps depend on the store, so none is kept."""
    with asyncio.Runner() as runner:
        chat = runner.run(opening.__aenter__())
        try:
            run_state_machine_as_test(
                lambda: machine(chat, runner.run),  # type: ignore[arg-type] # whatever makes one will do
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=25,
                    deadline=None,
                    database=None,
                    phases=phases,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(opening.__aexit__(None, None, None))
