"""How the rows of the large store are called: the ids that load.*.sql give them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAST = 1_000_000
ROOM_OF_400_000 = 1


def _id(kind: str, n: int) -> UUID:
    return UUID(f"{n:08x}-0000-4000-8000-0000000000{kind}")


def workspace(n: int) -> UUID:
    return _id("01", n)


def room(n: int) -> UUID:
    return _id("02", n)


def user(n: int) -> UUID:
    return _id("03", n)


def message(n: int) -> UUID:
    return _id("04", n)


def event(n: int) -> UUID:
    return _id("05", n)


LARGE = workspace(1000)
"""The workspace of everybody: 20,000 members, 2,000 rooms, and among them the room of 400,000 messages."""
HOT = {"workspace_id": LARGE, "room_id": room(ROOM_OF_400_000)}


def topic(n: int) -> str:
    return f"room:{room(n)}"


def stream(n: int) -> dict[str, Any]:
    return {"owner_id": LARGE, "topic": topic(n)}
