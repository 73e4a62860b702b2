"""JSON Schemas of commands, queries and answers."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...application.kernel.ports import Described
from .mirror import mirror, mirrored


class MsgspecSchemas:
    """`Schemas` by msgspec."""

    def describe(self, inputs: Sequence[type], answers: Sequence[Any], prefix: str) -> Described:
        asked = list(dict.fromkeys(inputs))
        answered = {str(a): a for a in answers}
        kinds = [mirror(i) for i in asked] + [mirrored(a, shown=True) for a in answered.values()]
        schemas, components = msgspec.json.schema_components(kinds, ref_template=prefix + "{name}")
        names = [ref["$ref"].removeprefix(prefix) for ref in schemas[: len(asked)]]
        return Described(
            inputs={kind: components.pop(name) for kind, name in zip(asked, names, strict=True)},
            answers=dict(zip(answered, schemas[len(asked) :], strict=True)),
            components=components,
        )
