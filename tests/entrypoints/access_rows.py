"""The rows of the table: every use case of the catalogue, with input made from the names of its fields."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from parlour.application.kernel.catalogue import Catalogue, UseCase
from parlour.config.features import CORE

from .access_world import ROOMS, World, sign_up_input
from .people import PASSWORD, a_name

CATALOGUE = Catalogue(m.feature for m in CORE)


@attrs.frozen
class Row:
    """A use case, in one situation: which room it is about, whose thing it is."""

    entry: UseCase
    room: str = ""
    whose: str = ""

    @property
    def label(self) -> str:
        said = ", ".join(x for x in (self.room.replace("_", " "), self.whose) if x)
        return f"`{self.entry.name}`" + (f" ({said})" if said else "")

    def data(self, world: World, kind: str) -> dict[str, Any]:
        """What the use case is asked with."""
        if self.entry.name == "sign_up":
            return sign_up_input(a_name())
        given = {name: value(self, world, kind) for name, value in EXTRA.get(self.entry.name, {}).items()}
        for a in attrs.fields(self.entry.input):  # type: ignore[arg-type]
            if a.name not in given and (a.default is attrs.NOTHING or a.name in NAMED):
                given[a.name] = SAMPLES[a.name](self, world, kind)
        return {n: v for n, v in given.items() if v is not None}


def _whose(row: Row, world: World, kind: str) -> str:
    return kind if row.whose == "own" and kind in world.people and kind != "suspended" else "victim"


def _message(row: Row, world: World, kind: str) -> str:
    return world.own_message(row.room, kind) if row.whose == "own" else world.others_message(row.room)


def _blocked(row: Row, world: World, kind: str) -> str:
    if kind not in {"anonymous", "suspended"}:
        world.means.do("owner" if kind == "token" else kind, "block_user", user_id=world.people["exile"])
    return world.people["exile"]


def _sessions(row: Row, world: World, kind: str) -> str:
    return str(world.means.sign_in(_whose(row, world, kind))["session_id"])


def _tokens(row: Row, world: World, kind: str) -> str:
    made = world.means.do(_whose(row, world, kind), "create_token", name="A bot", scopes=["room:read"])
    return str(made["id"])


SAMPLES: dict[str, Callable[[Row, World, str], Any]] = {
    "workspace_id": lambda r, w, k: w.workspace,
    "room_id": lambda r, w, k: w.rooms[r.room],
    "message_id": _message,
    "user_id": lambda r, w, k: w.people["victim"],
    "user_ids": lambda r, w, k: [w.people["victim"]],
    "invitation_id": lambda r, w, k: w.invitation,
    "token": lambda r, w, k: w.token,
    "session_id": _sessions,
    "token_id": _tokens,
    "scopes": lambda r, w, k: ["room:read"],
    "type": lambda r, w, k: "maintenance",
    "data": lambda r, w, k: {"minutes": 5},
    "extensions": lambda r, w, k: {"theme": "dark"},
    "email": lambda r, w, k: f"{w.names['victim']}@example.org",
    "login": lambda r, w, k: w.names["victim"],
    "password": lambda r, w, k: PASSWORD,
    "current_password": lambda r, w, k: PASSWORD,
    "new_password": lambda r, w, k: PASSWORD,
    "refresh_token": lambda r, w, k: w.means.sign_in("victim")["refresh_token"],
    "name": lambda r, w, k: "A name",
    "content": lambda r, w, k: "words",
    "scheduled_id": lambda r, w, k: w.scheduled_by(k) if r.whose == "own" else w.scheduled_by("victim"),
    "send_at": lambda r, w, k: "2099-01-01T00:00:00Z",
    "emoji": lambda r, w, k: "👍",
    "kind": lambda r, w, k: "private_channel",
    "role": lambda r, w, k: "member",
    "epoch": lambda r, w, k: w.epochs[r.room],
    "offset": lambda r, w, k: 0,
    "permission": lambda r, w, k: "room:read",
    "resource": lambda r, w, k: f"room:{w.rooms[ROOMS[0]]}",
    "notifications": lambda r, w, k: "none",
    "state": lambda r, w, k: "away",
    "days": lambda r, w, k: 30,
    "mode": lambda r, w, k: "all",
    "commands": lambda r, w, k: [{"name": "leave_room", "data": {"room_id": w.rooms[ROOMS[0]]}}],
}
"""Values by the name of a field. A new use case with a field that is not here fails, until it is."""

NAMED = ("workspace_id",)
"""Fields that are given though they have a default: otherwise the actor's own workspace would be meant."""

EXTRA: dict[str, dict[str, Callable[[Row, World, str], Any]]] = {
    **{
        name: {"user_id": lambda r, w, k: w.people[_whose(r, w, k)]}
        for name in ("get_user_extensions", "replace_user_extensions", "patch_user_extensions")
    },
    "resend_invitation": {"invitation_id": lambda r, w, k: w.letter},
    "sign_in": {"login": lambda r, w, k: w.names["victim"]},
    "create_room": {"name": lambda r, w, k: "A name"},
    "add_workspace_member": {"user_id": lambda r, w, k: w.people["newcomer"]},
    "add_members": {"user_ids": lambda r, w, k: [w.people["bystander"]]},
    "remove_workspace_member": {"user_id": lambda r, w, k: w.people[_whose(r, w, k)]},
    "remove_members": {"user_ids": lambda r, w, k: [w.people[_whose(r, w, k)]]},
    "change_workspace_role": {"role": lambda r, w, k: r.whose.rpartition(" ")[2]},
    "update_member": {
        "role": lambda r, w, k: r.whose.rpartition(" ")[2] if r.whose != "muted" else None,
        "muted": lambda r, w, k: True if r.whose == "muted" else None,
    },
    "unblock_user": {"user_id": _blocked},
    "set_workspace_retention": {"rooms_decide": lambda r, w, k: True},
    "unban_member": {"user_id": lambda r, w, k: w.people["exile"]},
    "update_profile": {"name": lambda r, w, k: "A name"},
    "change_scheduled": {"content": lambda r, w, k: "other words"},
    "mark_unread": {"number": lambda r, w, k: 1},
    "update_room": {"description": lambda r, w, k: "What it is about"},
    "send_message": {"type": lambda r, w, k: r.whose},
    "forward_message": {"room_id": lambda r, w, k: w.rooms[r.room]},
}
"""Values of single use cases."""

WHOSE = {
    "send_message": ("text", "notification"),
    "edit_message": ("own", "another's"),
    "delete_message": ("own", "another's"),
    "get_user_extensions": ("own", "another's"),
    "replace_user_extensions": ("own", "another's"),
    "patch_user_extensions": ("own", "another's"),
    "revoke_token": ("own", "another's"),
    "list_edits": ("own", "another's"),
    "change_scheduled": ("own", "another's"),
    "cancel_scheduled": ("own", "another's"),
    "end_session": ("own", "another's"),
    "remove_members": ("own", "another"),
    "remove_workspace_member": ("own", "another"),
    "change_workspace_role": ("to admin", "to owner"),
    "update_member": ("to moderator", "to owner", "muted"),
}


def rows(catalogue: Catalogue = CATALOGUE) -> Iterator[Row]:
    """Each use case: once, or once for each kind of room and each situation that makes a difference."""
    for entry in sorted(catalogue, key=lambda e: (e.feature, e.name)):
        names = {a.name for a in attrs.fields(entry.input)}  # type: ignore[arg-type]
        for room in ROOMS if names & {"room_id", "message_id"} else ("",):
            for whose in WHOSE.get(entry.name, ("",)):
                yield Row(entry, room, whose)
