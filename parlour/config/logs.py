"""Logs: one line each, for people or for machines, never with a token in it."""

import logging
import re
import sys
from typing import Any

import structlog

_TOKEN = re.compile(r"((?:token|ticket|secret|password)=)[^&\s\"']+|(bearer[ .])[\w.\-~+/=]+", re.IGNORECASE)


def set_up_logs(level: str, form: str) -> None:
    """Log to standard error from `level` on, as `text` or `json`."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_tokens,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it tells of each try; the store tells of each outage
    for noisy in ("asyncio", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(max(root.level, logging.WARNING))


def _without_tokens(logger: Any, method: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The last look at a line: whatever was said, a token in it is not shown."""
    return {k: _TOKEN.sub(r"\1\2***", v) if isinstance(v, str) else v for k, v in entry.items()}
