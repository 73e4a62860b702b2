"""Whether all is well: what is derived, worked out again (heads, numbers, counts), and what guards the tenants."""

from typing import Protocol

from attrs import frozen

from .catalogue import Query, use_case
from .retention import SCHEDULERS_OWN


@frozen
class Drift:
    """Something that is not what it is derived from: which check, of what, what is kept, and what is right."""

    check: str
    of: str
    kept: str
    right: str


class Derived(Protocol):
    """What is derived, in a snapshot."""

    async def drift(self) -> list[Drift]:
        """Everything that is not as it should be; empty when all is well."""


class Guard(Protocol):
    """The wall between tenants that the store itself keeps, behind that of the use cases."""

    async def missing(self) -> list[str]:
        """What it lacks, in sentences; empty when it stands, and where the store can have none."""


@frozen
class Diagnosis:
    """What is not as it should be, and what the second wall between tenants lacks."""

    drift: list[Drift]
    unguarded: list[str]


@frozen
class CheckDerived(Query[Diagnosis]):
    """Work out again what is derived (heads, numbers, counts), report what differs and what guards the tenants."""


async def check_derived(query: CheckDerived, derived: Derived, guard: Guard) -> Diagnosis:
    return Diagnosis(await derived.drift(), await guard.missing())


DOCTOR = use_case(
    check_derived, slow=True, absent=dict.fromkeys(SCHEDULERS_OWN, "`parlour doctor` runs it beside the server")
)
