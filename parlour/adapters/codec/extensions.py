"""The instance's JSON Schema for the extension data of users."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...domain.kernel.errors import Fault

MOST = 20


class AnyExtensions:
    """`ExtensionsSchema` where the instance asks for nothing."""

    def faults(self, data: Mapping[str, Any]) -> list[Fault]:
        return []


class SchemaUnfit(ValueError):
    """A file that holds no JSON Schema; the message says why."""


class JsonSchemaExtensions:
    """`ExtensionsSchema` by jsonschema; the draft is the one that the file names, or the newest. Nothing is fetched: what the
    schema refers to stands in it."""

    def __init__(self, path: Path) -> None:
        try:
            from jsonschema import SchemaError
            from jsonschema.validators import Draft202012Validator, validator_for
            from referencing import Registry
            from referencing.exceptions import Unresolvable
        except ImportError as error:
            raise SchemaUnfit("jsonschema is not installed: pip install 'parlour[server]'") from error
        try:
            schema = json.loads(path.read_text(encoding="utf-8"))
            kind = validator_for(schema, default=Draft202012Validator)
            kind.check_schema(schema)
        except (OSError, ValueError, SchemaError) as error:
            said = error.message if isinstance(error, SchemaError) else str(error)
            raise SchemaUnfit(f"EXTENSIONS_SCHEMA names no JSON Schema: {path}: {said}") from error
        self._validator = kind(schema, registry=Registry(), format_checker=kind.FORMAT_CHECKER)
        self._unresolvable = Unresolvable
        if (loose := self._loose({})) is not None:
            raise SchemaUnfit(f"EXTENSIONS_SCHEMA names no whole JSON Schema: {path}: {loose.detail}")

    def _loose(self, data: Mapping[str, Any]) -> Fault | None:
        """What the schema refers to, and is not in it."""
        try:
            list(self._validator.iter_errors(data))
        except self._unresolvable as error:
            return Fault("", "schema", f"The schema refers to what is not in it: {error.ref}")
        return None

    def faults(self, data: Mapping[str, Any]) -> list[Fault]:
        if (loose := self._loose(data)) is not None:
            return [loose]
        found = sorted(self._validator.iter_errors(data), key=lambda error: [str(part) for part in error.absolute_path])
        return [Fault(_pointer(error.absolute_path), "schema", error.message[:500]) for error in found[:MOST]]


def _pointer(path: Any) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
