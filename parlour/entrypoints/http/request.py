"""Requests as parlour's resources see them."""

from typing import Any

import falcon.asgi


class Request(falcon.asgi.Request):
    """A request whose answer may go on for long: `receive` tells when its client has gone."""

    __slots__ = ("receive",)

    def __init__(self, scope: dict[str, Any], receive: Any, first_event: Any = None, options: Any = None) -> None:
        super().__init__(scope, receive, first_event, options)
        self.receive = receive

    async def left(self) -> None:
        """Return when the client has gone, or has its whole answer."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
