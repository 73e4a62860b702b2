"""OpenAPI 3.1, made from the catalogue and the route table."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import falcon.asgi

from ...application.kernel.catalogue import Catalogue, UseCase
from ...application.kernel.flags import Flags
from ...application.kernel.ports import Codec, Schemas
from ..errors import TABLE
from .route import Route

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request safe to repeat for at least a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
PROBLEM = {"$ref": "#/components/responses/Problem"}
_PATH_NAME = re.compile(r"\{(\w+)\}")


def describe(
    routes: Iterable[Route], catalogue: Catalogue, schemas: Schemas, flags: Flags, version: str
) -> dict[str, Any]:
    """The description of what is on."""
    shown = [(r, catalogue.of(r.asks)) for r in routes]
    on = [(r, u) for r, u in shown if flags.on(u.flag)]
    said = schemas.describe([u.input for _, u in on], [u.result for _, u in on], "#/components/schemas/")
    paths: dict[str, dict[str, Any]] = {}
    for route, entry in on:
        operation = _operation(route, entry, said.inputs[entry.input], said.answers[str(entry.result)])
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "parlour",
            "version": version,
            "description": "Team chat. Every operation is also a command or query on the socket, by its operationId.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**said.components, "Problem": problem_schema()},
            "responses": {"Problem": _problem_response()},
            "parameters": {"IdempotencyKey": _KEY},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(route: Route, entry: UseCase, asked: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    in_path = _PATH_NAME.findall(route.path)
    properties: dict[str, Any] = dict(asked.get("properties", {}))
    required = set(asked.get("required", ()))
    parameters = [_parameter(n, "path", properties.pop(route.names.get(n, n)), required=True) for n in in_path]
    gone = {route.names.get(n, n) for n in in_path}
    operation: dict[str, Any] = {
        "operationId": _operation_id(route, entry),
        "summary": entry.summary,
        "description": entry.description,
        "tags": [entry.feature],
        "security": [{}] if entry.strangers else [{"bearer": []}],
        "responses": _responses(route, answered),
    }
    if route.method in {"POST", "PUT", "PATCH"}:
        body = {"type": "object", "properties": properties, "additionalProperties": False}
        if left := sorted(required - gone):
            body["required"] = left
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": bool(left), "content": content}
        if route.method == "POST" and not entry.strangers:
            parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    else:
        names = {field: name for name, field in route.names.items()}
        parameters += [
            _parameter(names.get(n, n), "query", schema, required=n in required) for n, schema in properties.items()
        ]
    if parameters:
        operation["parameters"] = parameters
    return operation


def _parameter(name: str, where: str, schema: Any, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": schema}


def _operation_id(route: Route, entry: UseCase) -> str:
    """The use case's name; where it has several addresses, those after the first say which one."""
    return entry.name if route.first else f"{entry.name}_at{re.sub(r'[^a-z]+', '_', route.path.lower()).rstrip('_')}"


def _responses(route: Route, answered: Mapping[str, Any]) -> dict[str, Any]:
    ok = {"description": "The answer.", "content": {"application/json": {"schema": answered}}}
    refused = {str(s.status): PROBLEM for s in TABLE.values()} | {"415": PROBLEM, "500": PROBLEM}
    made = {str(route.status): ok, "200": ok} if route.status != 200 else {"200": ok}
    return {**made, **refused}


def _problem_response() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": "Problem details (RFC 9457).", "content": {"application/problem+json": {"schema": schema}}}


def problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    fault = {
        "type": "object",
        "properties": {"pointer": text, "code": text, "detail": text},
        "required": ["pointer", "code", "detail"],
    }
    return {
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": {**text, "description": "Stable, for programs."},
            "retryable": {"type": "boolean", "description": "Whether the same request may work later."},
            "request_id": text,
            "errors": {"type": "array", "items": fault, "description": "Every place of the input that is wrong."},
        },
        "required": ["type", "title", "status", "detail", "code", "retryable", "request_id"],
    }


class DescriptionResource:
    """`/openapi.json` and `/asyncapi.json`, as they are with the modules that are on."""

    def __init__(self, make: Callable[[], dict[str, Any]], flags: Flags, codec: Codec) -> None:
        self._make, self._flags, self._codec = make, flags, codec
        self._made: dict[tuple[str, ...], bytes] = {}

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        modules = tuple(self._flags.names())
        if modules not in self._made:
            self._made = {modules: self._codec.encode(self._make())}
        resp.data = self._made[modules]
