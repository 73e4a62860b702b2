"""Follows topics by server-sent events, and outlives the server: it comes back with the last id it saw, as `Last-Event-ID`,
and is shown what it missed.

    BEARER=<token> python examples/follow_events.py room:<id> user:<own id>

`BEARER` is best a personal access token with the scope `room:read` (and `user:read` for an inbox), which does not expire.
Needs a running server (`PARLOUR`) and the package `httpx`.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

BASE = os.environ.get("PARLOUR", "http://127.0.0.1:8000")


class Stream:
    """A stream of events as a browser's `EventSource` reads it: fields of one event, then an empty line."""

    def __init__(self, topics: list[str], bearer: str) -> None:
        self._topics, self._headers = topics, {"Authorization": f"Bearer {bearer}"}
        self._retry = 1.0

    def frames(self) -> Iterator[dict[str, Any]]:
        """Every frame, from connection to connection, until the server says that coming back is of no use."""
        with httpx.Client(base_url=BASE, timeout=httpx.Timeout(10, read=60)) as http:
            while True:
                try:
                    yield from self._connection(http)
                except httpx.TransportError as error:
                    print("cut off:", type(error).__name__, file=sys.stderr, flush=True)
                time.sleep(self._retry)

    def _connection(self, http: httpx.Client) -> Iterator[dict[str, Any]]:
        with http.stream("GET", "/events", params={"topic": self._topics}, headers=self._headers) as answer:
            if answer.is_client_error and answer.status_code != 429:
                raise SystemExit(json.loads(answer.read())["detail"])
            for fields in events(answer.iter_lines()) if answer.is_success else ():
                if "retry" in fields:
                    self._retry = int(fields["retry"]) / 1000
                if "data" in fields:
                    yield json.loads(fields["data"])
                if "id" in fields:  # only now is the event dealt with
                    self._headers["Last-Event-ID"] = fields["id"]


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """The fields of each event; comments, which keep the line open, are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not line:
            yield fields
            fields = {}


def main() -> None:
    for frame in Stream(sys.argv[1:], os.environ["BEARER"]).frames():
        match frame:
            case {"type": "subscribed", "topic": topic, "recovered": recovered}:
                print("following", topic, "without a gap" if recovered else "from here on", flush=True)
            case {"type": "closed", "code": 4401 | 4403, "reason": reason}:
                raise SystemExit(reason)
            case {"type": kind, "topic": topic, "offset": offset, "data": data}:
                print(topic.partition(":")[0], offset, kind, data.get("content", ""), flush=True)


if __name__ == "__main__":
    main()
