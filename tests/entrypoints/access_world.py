"""A workspace with rooms, messages and an invitation, and somebody of every kind who stands to them in their own way."""

import uuid
from typing import Any, Protocol

from attrs import define, field

from .people import PASSWORD, a_name

KINDS = (
    "anonymous",
    "other tenant",
    "outside the room",
    "removed",
    "suspended",
    "member",
    "moderator",
    "admin",
    "owner",
    "token",
    "instance admin",
)
WRITERS = ("removed", "suspended", "member", "moderator", "owner", "victim")
IN_ROOMS = ("removed", "suspended", "member", "moderator", "victim")
ROOMS = ("private_channel", "public_channel")


Asked = tuple[str, dict[str, Any]]
"""A use case and its input."""


class Means(Protocol):
    """A way in, for building: `do` is a use case that must work, `sign_up` makes somebody, `bear` makes a kind act by a token."""

    def sign_up(self, kind: str, name: str) -> Any: ...

    def sign_in(self, kind: str) -> Any: ...

    def bear(self, kind: str, token: str) -> None: ...

    def do(self, kind: str, name: str, /, **data: Any) -> Any: ...


@define
class World:
    """`people` are ids by kind, `names` their usernames. Made once; `fresh` makes the things they act upon anew."""

    means: Means
    people: dict[str, str] = field(factory=dict)
    names: dict[str, str] = field(factory=dict)
    workspace: str = ""
    rooms: dict[str, str] = field(factory=dict)
    epochs: dict[str, str] = field(factory=dict)
    messages: dict[tuple[str, str], str] = field(factory=dict)
    invitation: str = ""
    letter: str = ""
    token: str = ""

    def populate(self) -> "World":
        """Somebody of every kind signs up, the instance's administrator first."""
        for kind in ("instance admin", *KINDS[1:-2], "victim", "bystander", "newcomer", "exile", "pest"):
            self.names[kind] = a_name()
            self.people[kind] = self.means.sign_up(kind, self.names[kind])
        self.fresh()
        self.means.bear("token", self.means.do("owner", "create_token", name="A bot", scopes=["room:read"])["token"])
        self.means.do("instance admin", "suspend_user", user_id=self.people["suspended"])
        return self

    def fresh(self) -> None:
        """Everything that can be acted upon, anew."""
        ids = self.people
        self.workspace = w = self.means.do("owner", "create_workspace", name="Team")["id"]
        add: list[Asked] = []
        for kind in (*IN_ROOMS, "outside the room", "admin", "bystander", "exile"):
            role = "admin" if kind == "admin" else "member"
            add.append(("add_workspace_member", {"workspace_id": w, "user_id": ids[kind], "role": role}))
        rooms: list[Asked] = [("create_room", {"kind": k, "name": "Room", "workspace_id": w}) for k in ROOMS]
        *made, by_letter, invited = self._all("owner", *add, *rooms, *self._invited(w))[len(add) :]
        self.letter = by_letter["id"]
        self.invitation, self.token = invited["id"], invited["token"]
        self.rooms = {kind: room["id"] for kind, room in zip(ROOMS, made, strict=True)}
        self.epochs = {kind: room["epoch"] for kind, room in zip(ROOMS, made, strict=True)}
        members = [ids[k] for k in IN_ROOMS]
        promoted = {"user_id": ids["moderator"], "role": "moderator"}
        self._all("owner", *(("add_members", {"room_id": r, "user_ids": members}) for r in self.rooms.values()))
        self._all("owner", *(("update_member", {"room_id": r, **promoted}) for r in self.rooms.values()))
        self._all("owner", *(("ban_member", {"room_id": r, "user_id": ids["exile"]}) for r in self.rooms.values()))
        self._say()
        self.means.do("owner", "remove_workspace_member", workspace_id=w, user_id=ids["removed"])

    def _invited(self, workspace: str) -> list[Asked]:
        where = {"workspace_id": workspace}
        return [("create_invitation", {**where, "email": "somebody@example.org"}), ("create_invitation", where)]

    def _say(self) -> None:
        """Everybody who is in a room says something; who is suspended already cannot."""
        able = [k for k in WRITERS if k != "suspended" or not self.messages]
        for kind in able:
            sent = self._all(kind, *(("send_message", {"room_id": r, "content": "hi"}) for r in self.rooms.values()))
            self.messages |= {(room, kind): s["id"] for room, s in zip(ROOMS, sent, strict=True)}

    def scheduled_by(self, kind: str) -> str:
        """What somebody scheduled just now; for those who cannot, somebody else's."""
        kind = "owner" if kind == "token" else kind
        able = kind if kind in {"member", "moderator", "owner"} else "victim"
        when = {"content": "later", "send_at": "2099-01-01T00:00:00Z"}
        made: str = self.means.do(able, "schedule_message", room_id=self.rooms[ROOMS[0]], **when)["id"]
        return made

    def _all(self, kind: str, *asked: Asked) -> list[Any]:
        commands = [{"name": name, "data": data} for name, data in asked]
        return [r["data"] for r in self.means.do(kind, "batch", mode="all", commands=commands)["results"]]

    def others_message(self, room_kind: str) -> str:
        return self.messages[room_kind, "victim"]

    def own_message(self, room_kind: str, kind: str) -> str:
        """A message of one's own; for those who never wrote one, somebody else's."""
        return self.messages.get((room_kind, "owner" if kind == "token" else kind)) or self.others_message(room_kind)


def nowhere(data: dict[str, Any]) -> dict[str, Any]:
    """The same input about things that do not exist."""
    hidden = {"workspace_id", "room_id", "message_id", "scheduled_id", "invitation_id", "session_id", "token_id"}
    changed: dict[str, Any] = {n: str(uuid.uuid4()) if n in hidden else v for n, v in data.items()}
    if "token" in data:
        changed["token"] = "0" * 64
    if "resource" in data:
        changed["resource"] = f"room:{uuid.uuid4()}"
    return changed


def sign_up_input(name: str) -> dict[str, Any]:
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
