"""The events that no fold takes in, and why: every other one is folded."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..domain.kernel.event import Event

FOLDS = ("folds", "fold_messages", "member_folds", "followed", "own_rooms", "scheduled_fold", "waiting")
"""The modules whose functions match events."""

NOT_FOLDED: Mapping[str, str] = {
    "signed_up": "it is the first event of an inbox: whatever is loaded is loaded after it",
    "room_created": "it is the first event of a room: whatever is loaded is loaded after it",
    "workspace_created": "it is the first event of a workspace: whatever is loaded is loaded after it",
    "room_deleted": "it ends the topic",
    "workspace_deleted": "it ends the topic",
    "member_banned": "bans are shown to who keeps order alone, and no topic covers them; whoever was in leaves by an event",
    "member_unbanned": "bans are shown to who keeps order alone, and no topic covers them",
    "room_banned": "it tells somebody why they left, which an event of its own says",
    "room_unbanned": "it tells somebody that they may come again",
    "mentioned": "it calls whoever does not follow the room, where the message itself says the same",
    "invited": "no topic covers invitations: they are loaded",
    "session_ended": "no topic covers sessions: a list of them is loaded",
    "workspace_switched": "it is about one session, and no topic covers those",
    "token_created": "no topic covers tokens: a list of them is loaded",
    "token_ended": "no topic covers tokens: a list of them is loaded",
    "user_extensions_changed": "no topic covers extension data: it is loaded",
}


def unfolded(events: Iterable[type[Event]]) -> list[str]:
    """The names of those events that no fold matches."""
    matched = _matched()
    return sorted(e.tag for e in events if not any(base.__name__ in matched for base in e.__mro__))


def _matched() -> set[str]:
    """The names of the classes that the folds match."""
    found: set[str] = set()
    for name in FOLDS:
        tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.MatchClass):
                found.add(node.cls.attr if isinstance(node.cls, ast.Attribute) else ast.unparse(node.cls))
    return found
