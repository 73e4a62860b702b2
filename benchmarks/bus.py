"""A use case through the bus whose handler does nothing."""

import statistics

from attrs import evolve, frozen

from parlour.application.kernel.actor import Actor, Call, Way
from parlour.application.kernel.catalogue import Command, Feature, use_case
from parlour.config.features import Module
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import host_id

from .measure import Result, at_most, timed

CALLS, ROUNDS = 20_000, 7


@frozen
class Nothing:
    """What comes of it."""

    ok: bool = True


@frozen
class DoNothing(Command[Nothing]):
    """Do nothing, with an argument."""

    text: str


async def do_nothing(command: DoNothing) -> Nothing:
    return Nothing()


async def a_use_case() -> Result:
    module = Module(Feature("nothing", (use_case(do_nothing),)))
    plan = plan_of(Settings(database_url="sqlite:///:memory:", feature_flags=""))
    instance = Instance(evolve(plan, modules=(*plan.modules, module)))
    actor = Actor(host_id("somebody"))

    async def by_name() -> None:
        for _ in range(CALLS):
            await instance.bus.call("do_nothing", {"text": "hello"}, Call(actor, Way.LIBRARY))

    async def calls() -> None:
        for _ in range(CALLS):
            await do_nothing(DoNothing("hello"))

    rounds = [(await timed(calls), await timed(by_name)) for _ in range(ROUNDS)]
    bare, through = (statistics.median(r[n] for r in rounds) / CALLS * 1e6 for n in (0, 1))
    await instance.store.close()
    return at_most("bus", "a use case through the bus with an empty handler", through, 30, " µs", f"bare {bare:.2f} µs")
