"""What is derived, worked out again: streams' heads and numbers, member counts."""

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


@frozen
class CheckDerived(Query[list[Drift]]):
    """Work out again what is derived (heads, numbers, member counts) and report what differs."""


async def check_derived(query: CheckDerived, derived: Derived) -> list[Drift]:
    return await derived.drift()


DOCTOR = use_case(
    check_derived, slow=True, absent=dict.fromkeys(SCHEDULERS_OWN, "`parlour doctor` runs it beside the server")
)
