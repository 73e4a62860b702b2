"""What the members of a tenant were told: to be looked through, and to be compared."""

import json
import re
from typing import Any

from attrs import define, field

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
FOLLOWED = "followed"
SHOWN_ONCE = frozenset({"next", "prev", "token", "ticket", "url", "access_token", "refresh_token", "epoch"})
"""What is of no use to compare, and nobody can read."""
OVERWRITTEN = SHOWN_ONCE | {
    "content",
    "edited_at",
    "deleted_at",
    "mentions",
    "mentions_room",
    "quote",
    "forwarded_from",
}
"""What an event tells of a message as long as that says so: a moment later it may be gone."""


@define
class Told:
    """What the members of a tenant were told, with the question before each answer."""

    answers: list[tuple[str, Any]] = field(factory=list)
    named: set[str] = field(factory=set)
    """Ids of the other's that they brought along themselves."""

    def ids(self) -> set[str]:
        found = {id_ for _, said in self.answers for id_ in UUIDS.findall(json.dumps(without_epochs(said)))}
        return {id_ for id_ in found - self.named if not id_.startswith("f0000000")}

    def masked(self) -> list[str]:
        """The same whichever ids and times were given."""
        aliases: dict[str, str] = {}

        def alias(found: "re.Match[str]") -> str:
            return aliases.setdefault(found[0], f"<{len(aliases)}>")

        said = (
            json.dumps([asked, _plain(answer, OVERWRITTEN if asked == FOLLOWED else SHOWN_ONCE)], ensure_ascii=False)
            for asked, answer in self.answers
        )
        return [TIMES.sub("<time>", UUIDS.sub(alias, text)) for text in said]


def _plain(value: Any, left_out: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {k: (k in SHOWN_ONCE and bool(v)) if k in left_out else _plain(v, left_out) for k, v in value.items()}
    return [_plain(v, left_out) for v in value] if isinstance(value, list) else value


def without_epochs(value: Any) -> Any:
    """The epoch is the store's, and the same for all."""
    if isinstance(value, dict):
        return {k: without_epochs(v) for k, v in value.items() if k != "epoch"}
    return [without_epochs(v) for v in value] if isinstance(value, list) else value
