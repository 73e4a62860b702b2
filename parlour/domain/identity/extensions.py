"""What a program keeps beside a user in JSON: its bounds, and the merging of changes."""

import json
import math
from datetime import datetime
from typing import Any

from attrs import frozen

from ..kernel.errors import invalid
from ..kernel.ids import UserId

DEEPEST = 16


@frozen
class UserExtensions:
    """The extension data of a user, a JSON object."""

    user_id: UserId
    data: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    version: int = 1


def merged(target: Any, patch: Any) -> Any:
    """`target` with a JSON merge patch (RFC 7396): null takes a member away, an object is merged, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def check_bounds(data: dict[str, Any], most_bytes: int) -> None:
    """Refuse what is nested too deep, too large, or holds a number that JSON has no word for."""
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        inner = [v for node in level for v in (node.values() if isinstance(node, dict) else node)]
        if any(isinstance(v, float) and not math.isfinite(v) for v in inner):
            raise invalid("extensions", "number", "Numbers must be finite.")
        level = [v for v in inner if isinstance(v, dict | list)]
        if not level:
            break
    else:
        raise invalid("extensions", "too_deep", f"Objects and lists stand in one another {DEEPEST} deep at most.")
    size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    if size > most_bytes:
        raise invalid("extensions", "too_large", f"Extension data has at most {most_bytes:,} bytes.")
