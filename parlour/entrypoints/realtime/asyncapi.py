"""AsyncAPI 3.0, made from the catalogue and the registry of events: what goes over `/ws` and `/events`."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...application.kernel.actor import Way
from ...application.kernel.catalogue import Catalogue, UseCase
from ...application.kernel.flags import Flags
from ...application.kernel.ports import Described, Schemas
from ...application.presence.views import PresenceView
from ...domain.kernel.event import Event
from ..http.openapi import problem_schema
from . import wire

SCHEMAS = "#/components/schemas/"
Message = dict[str, Any]


def describe(
    catalogue: Catalogue, events: Iterable[type[Event]], schemas: Schemas, flags: Flags, version: str, host: str
) -> dict[str, Any]:
    """The description of what is on."""
    entries = [u for u in catalogue if u.on(Way.WEBSOCKET) and flags.on(u.flag)]
    kinds = sorted(events, key=lambda kind: kind.tag)
    answers = [*(u.result for u in entries), *kinds, PresenceView]
    said = schemas.describe([u.input for u in entries], answers, SCHEMAS)
    sent = wire.from_server(said.answers[str(PresenceView)]) | {_event_key(k): _event(k, said) for k in kinds}
    taken = wire.from_client()
    for entry in entries:
        taken[entry.name] = _asking(entry, said)
        sent[f"{entry.name}_result"] = _result(entry, said)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "parlour",
            "version": version,
            "description": "Team chat, live. Every command and query is also an operation of HTTP, by its name.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "sockets": {"host": host, "protocol": "ws", "security": [{"$ref": "#/components/securitySchemes/bearer"}]},
            "streams": {
                "host": host,
                "protocol": "http",
                "security": [{"$ref": "#/components/securitySchemes/bearer"}],
            },
        },
        "channels": {
            "socket": _channel("/ws", "sockets", "A socket, for commands, queries and live events.", [*taken, *sent]),
            "stream": _channel(
                "/events", "streams", "Server-sent events; the data of each is a frame.", _streamed(sent)
            ),
        },
        "operations": _operations(entries, taken, sent),
        "components": {
            "schemas": {**said.components, "Problem": problem_schema()},
            "messages": {**taken, **sent},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _channel(address: str, server: str, text: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "address": address,
        "description": text,
        "servers": [{"$ref": f"#/servers/{server}"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _streamed(sent: Mapping[str, Message]) -> list[str]:
    return [n for n in sent if n in wire.ON_STREAMS or n.startswith("event_")]


def _operations(entries: list[UseCase], taken: Mapping[str, Message], sent: Mapping[str, Message]) -> dict[str, Any]:
    """As the server sees it: it receives what clients send, and sends what they see."""
    answers = {e.name: f"{e.name}_result" for e in entries} | wire.ANSWERS
    operations: dict[str, Any] = {}
    for name, message in taken.items():
        operation = {
            "action": "receive",
            "channel": {"$ref": "#/channels/socket"},
            "summary": message["summary"],
            "messages": [{"$ref": f"#/channels/socket/messages/{name}"}],
        }
        if name in answers:
            replies = [{"$ref": f"#/channels/socket/messages/{n}"} for n in (answers[name], "error")]
            operation["reply"] = {"channel": {"$ref": "#/channels/socket"}, "messages": replies}
        operations[name] = operation
    results = {f"{e.name}_result" for e in entries}
    shown = ["ping", "pong", *(n for n in sent if n not in results)]
    for channel, names in (("socket", shown), ("stream", _streamed(sent))):
        operations[f"show_on_{channel}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": "What a client sees beside the answers to what it asked.",
            "messages": [{"$ref": f"#/channels/{channel}/messages/{n}"} for n in names],
        }
    return operations


def _asking(entry: UseCase, said: Described) -> Message:
    data = dict(said.inputs[entry.input])
    named = {"id": wire.ID, "name": {"const": entry.name}, "data": data}
    if entry.is_command:
        named["key"] = wire.KEY
    required = ["name", "data"] if data.get("required") else ["name"]
    return wire.message(entry.kind, entry.summary, named, required, name=entry.name)


def _result(entry: UseCase, said: Described) -> Message:
    data = {"id": wire.OPTIONAL_ID, "data": said.answers[str(entry.result)]}
    return wire.message("result", f"The answer to {entry.name}.", data, list(data), name=f"{entry.name}_result")


def _event_key(kind: type[Event]) -> str:
    return f"event_{kind.tag}"


def _event(kind: type[Event], said: Described) -> Message:
    fields = {
        "topic": wire.TOPIC,
        "offset": {"type": "integer", "minimum": 1},
        "id": wire.UUID,
        "at": wire.TIME,
        "actor_id": {"anyOf": [wire.UUID, {"type": "null"}]},
        "data": said.answers[str(kind)],
    }
    summary = " ".join((kind.__doc__ or kind.tag).split("\n\n")[0].split())
    return wire.message(kind.tag, summary, fields, list(fields), name=_event_key(kind))
