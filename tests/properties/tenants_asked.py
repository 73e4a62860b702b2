"""Every query of the catalogue, about one's own things and about those of others."""

from collections.abc import Iterator
from typing import Any

import attrs

from parlour.application.kernel.catalogue import Catalogue, Query
from parlour.config.features import CORE
from parlour.domain.kernel.permissions import Permission
from parlour.testing.strategies import stand_in

CATALOGUE = Catalogue(m.feature for m in CORE)
OTHERS = 16
"""What stands for a thing of the other tenant's is of a kind so much higher."""
MESSAGES, FOREIGN = 3, 2
"""So many messages, and things of the other's, are asked about."""
ABOUT = {"workspace_id": 2, "room_id": 3, "message_id": 4, "user_id": 1}
"""The kinds of things, by the fields that name them."""
NOT_ASKED = {
    "export_bundle": "it writes a file, for the system alone",
    "check_derived": "it is for the system alone",
    "get_config": "it is the same for all, and has nothing of anybody",
}
SAID: dict[str, Any] = {
    "permission": Permission.ROOM_READ, "epoch": "an epoch", "offset": 0, "emoji": "👍", "login": "alice",
    "cursor": None,
}  # fmt: skip

Things = dict[int, list[Any]]


def pool(things: Things, kind: int) -> list[Any]:
    """One's own, the newest messages of them, and some of the other's; stand-ins where there are none."""
    own, others = list(things.get(kind, [])), list(things.get(OTHERS + kind, []))
    unknown = [stand_in(kind, 99 + n) for n in range(FOREIGN)]
    return (own[-MESSAGES:] if kind == ABOUT["message_id"] else own) + [*others, *unknown][:FOREIGN]


def questions(things: Things) -> Iterator[tuple[str, Query[Any]]]:
    """Each with a label that is the same whatever ids there are."""
    for entry in CATALOGUE:
        if entry.is_command or entry.name in NOT_ASKED:
            continue
        kind: Any = entry.input
        fields = attrs.fields(kind)
        names = {a.name for a in fields if a.default is attrs.NOTHING or a.name in ABOUT}
        given: dict[str, Any] = {n: SAID[n] for n in names & set(SAID)}
        about = names - set(given)
        for number, values in enumerate(_values(about, things)):
            yield f"{entry.name} {number}", kind(**given, **values)


def _values(about: set[str], things: Things) -> Iterator[dict[str, Any]]:
    match sorted(about):
        case []:
            yield {}
        case ["token"]:
            yield from ({"token": token} for token in things.get(7, []))
        case ["user_ids"]:
            yield {"user_ids": pool(things, ABOUT["user_id"])}
        case ["resource", "user_id"]:
            yield from ({"resource": f"room:{room_id}"} for room_id in pool(things, ABOUT["room_id"]))
        case [field]:
            yield from ({field: thing} for thing in pool(things, ABOUT[field]))
        case unknown:
            raise LookupError(f"nobody says what is asked by {unknown}")
