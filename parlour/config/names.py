"""Whom names are of, where people are a host's."""

from collections.abc import Sequence
from typing import Any

from ..application.kernel.wiring import Scoped, Shared
from ..domain.kernel.ids import UserId


class NoNames:
    """`Names` of a host whose `People` cannot look anybody up."""

    async def called(self, names: Sequence[str]) -> dict[str, UserId]:
        return {}


def names_of(people: Shared | Scoped) -> Shared | Scoped:
    """Whoever says what people are called may know as well who is called so."""

    def able(value: Any) -> Any:
        return value if hasattr(value, "called") else NoNames()

    if isinstance(people, Shared):
        return Shared(able(people.value))
    return Scoped(lambda work: able(people.make(work)))
