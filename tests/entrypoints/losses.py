"""How somebody loses a room: what ann or ben does, in the workspace `w` and the room `r` that both are in."""

from .people import Person


def kicked(ann: Person, ben: Person, w: str, r: str) -> None:
    ann.done("DELETE", f"/api/rooms/{r}/members/{ben.id}")


def banned(ann: Person, ben: Person, w: str, r: str) -> None:
    ann.done("PUT", f"/api/rooms/{r}/bans/{ben.id}", {"reason": "noise"})


def left(ann: Person, ben: Person, w: str, r: str) -> None:
    ben.done("POST", f"/api/rooms/{r}/leave")


def room_deleted(ann: Person, ben: Person, w: str, r: str) -> None:
    ann.done("DELETE", f"/api/rooms/{r}")


def out_of_the_workspace(ann: Person, ben: Person, w: str, r: str) -> None:
    ann.done("DELETE", f"/api/workspaces/{w}/members/{ben.id}")


def workspace_deleted(ann: Person, ben: Person, w: str, r: str) -> None:
    ann.done("DELETE", f"/api/workspaces/{w}")


def locked(ann: Person, ben: Person, w: str, r: str) -> None:
    """Of a public channel, for who follows it from outside."""
    ann.done("PATCH", f"/api/rooms/{r}", {"password": "sesame"})
