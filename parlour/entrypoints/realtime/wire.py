"""The frames of the protocol itself, as schemas."""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
UUID = {"type": "string", "format": "uuid"}
TIME = {"type": "string", "format": "date-time"}
ID = {"type": "string", "maxLength": 128, "description": "Any text; the answer carries it."}
OPTIONAL_ID = {"anyOf": [ID, {"type": "null"}]}
KEY = {"type": "string", "minLength": 1, "maxLength": 255, "description": "Makes the command safe to repeat."}
TOPIC = {"type": "string", "pattern": "^(room|workspace|user):[0-9a-f-]{36}$"}
ONLY = {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 100}
OK = {"type": "object", "properties": {"ok": {"const": True}}, "required": ["ok"]}
ON_STREAMS = (
    "welcome", "subscribed", "unsubscribed", "at", "typing", "closed", "watching", "user_joined", "user_left", "presence",
    "presences",
)  # fmt: skip
ANSWERS = {
    "subscribe": "subscribed",
    "unsubscribe": "done",
    "authenticate": "done",
    "watch_presence": "watching",
    "unwatch_presence": "done",
    "text_frame": "send_message_result",
    "typing_frame": "show_typing_result",
    "ping": "pong",
}
"""What answers the frames that clients send, beside commands and queries."""


def message(
    type_: str, summary: str, fields: dict[str, Any], required: list[str], *, name: str | None = None
) -> dict[str, Any]:
    """A frame of a type, with these fields and no others."""
    payload = {
        "type": "object",
        "properties": {"type": {"const": type_}, **fields},
        "required": ["type", *required],
        "additionalProperties": False,
    }
    return {"name": name or type_, "title": type_, "summary": summary, "payload": payload}


def from_client() -> dict[str, dict[str, Any]]:
    """What clients send, beside commands and queries by their names."""
    place = {"epoch": TEXT, "offset": {**WHOLE, "minimum": 0}, "last_id": UUID}
    presence = {"const": "presence"}
    people = {"type": "array", "items": UUID, "minItems": 1, "maxItems": 500}
    return {
        "authenticate": message(
            "authenticate", "Say who one is, or renew before the token expires.", {"id": ID, "token": TEXT}, ["token"]
        ),
        "subscribe": message(
            "subscribe", "Follow a topic, from a position if there is one; `only` names the events to be shown.",
            {"id": ID, "topic": TOPIC, **place, "only": ONLY}, ["topic"],
        ),
        "unsubscribe": message("unsubscribe", "Stop following a topic.", {"id": ID, "topic": TOPIC}, ["topic"]),
        "watch_presence": message(
            "subscribe", "Watch the presence of some people, instead of those before.",
            {"id": ID, "topic": presence, "user_ids": people}, ["topic", "user_ids"], name="watch_presence",
        ),
        "unwatch_presence": message(
            "unsubscribe", "Watch nobody any more.", {"id": ID, "topic": presence}, ["topic"], name="unwatch_presence"
        ),
        "text_frame": message(
            "text", "Short for send_message; with `to`, for send_direct_message.",
            {"id": ID, "room_id": UUID, "to": UUID, "content": TEXT, "key": KEY}, ["content"], name="text_frame",
        ),
        "typing_frame": message(
            "typing", "Short for show_typing.", {"id": ID, "room_id": UUID}, ["room_id"], name="typing_frame"
        ),
        "ping": message("ping", "Asks for a pong; from the server it is the heartbeat.", {
            "id": ID, "heads": {"type": "object", "additionalProperties": WHOLE, "description": "From the server."},
        }, []),
        "pong": message("pong", "The answer to a ping.", {"id": ID}, []),
    }  # fmt: skip


def from_server(presence: Any) -> dict[str, dict[str, Any]]:
    """What the server sends, beside events and results."""
    anything, null = {"type": "object"}, {"type": "null"}
    return whispers() | {
        "welcome": message("welcome", "The first frame.", {
            "connection_id": TEXT, "user_id": UUID, "heartbeat": {"type": "number"}, "protocol": WHOLE,
            "limits": anything, "modules": {"type": "array", "items": TEXT},
        }, ["connection_id", "user_id", "heartbeat", "protocol", "limits", "modules"]),
        "error": message(
            "error", "What was asked for is refused; without an id it is about the connection.",
            {"id": OPTIONAL_ID, "error": {"$ref": "#/components/schemas/Problem"}}, ["id", "error"],
        ),
        "done": message("result", "It is done.", {"id": OPTIONAL_ID, "data": OK}, ["id", "data"], name="done"),
        "subscribed": message("subscribed", "Where a topic stands; what was missed follows, then what happens.", {
            "id": OPTIONAL_ID, "topic": TOPIC, "epoch": TEXT, "offset": WHOLE, "last_id": {"anyOf": [UUID, null]},
            "recovered": {"type": "boolean"},
        }, ["id", "topic", "epoch", "offset", "last_id", "recovered"]),
        "watching": message(
            "subscribed", "The presence of those who may be watched, as it is now.",
            {"id": OPTIONAL_ID, "topic": {"const": "presence"}, "users": {"type": "array", "items": presence}},
            ["id", "topic", "users"], name="watching",
        ),
        "unsubscribed": message(
            "unsubscribed", "The right to follow a topic is gone, or the thing is.",
            {"topic": {"anyOf": [TOPIC, {"const": "presence"}]}, "reason": TEXT}, ["topic", "reason"],
        ),
        "at": message(
            "at", "Up to where a topic of which only some events are shown was looked through.",
            {"topic": TOPIC, "offset": WHOLE}, ["topic", "offset"],
        ),
        "closed": message(
            "closed", "On a stream alone: its end, with the code that a socket is closed with.",
            {"code": WHOLE, "reason": TEXT}, ["code", "reason"],
        ),
    }  # fmt: skip


def whispers() -> dict[str, dict[str, Any]]:
    """What is told of people and kept in no log."""
    null = {"type": "null"}
    about = {"topic": {"const": "presence"}, "id": UUID, "at": TIME}
    whispered = {"topic": TOPIC, "id": UUID, "at": TIME, "user_id": UUID}
    change = {
        "user_id": UUID, "state": TEXT, "until": {"anyOf": [TIME, null]}, "last_seen_at": {"anyOf": [TIME, null]},
        "chosen": TEXT,
    }  # fmt: skip
    told = ["topic", "id", "at", "user_id", "state", "until", "last_seen_at"]
    several = {"type": "object", "properties": {"type": TEXT, **change}, "required": ["type", "user_id", "state"]}
    return {
        "typing": message("typing", "Somebody is typing; over after 12 seconds.", whispered, list(whispered)),
        "user_joined": message("user_joined", "Somebody came online.", {**about, **change}, told),
        "user_left": message("user_left", "Somebody went offline.", {**about, **change}, told),
        "presence": message("presence", "Somebody's state is another.", {**about, **change}, told),
        "presences": message(
            "presence", "Several changes of presence at once.",
            {**about, "changes": {"type": "array", "items": several}}, ["topic", "id", "at", "changes"],
            name="presences",
        ),
    }  # fmt: skip
