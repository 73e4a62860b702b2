"""`/docs`: the page of both interfaces, with nothing loaded from elsewhere."""

from pathlib import Path

import falcon
import falcon.asgi

PAGES = Path(__file__).parent / "pages"
TYPES = {
    "docs.html": "text/html; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class DocsResource:
    """The page and what it is made of; read once."""

    def __init__(self) -> None:
        self._files = {name: (PAGES / name).read_bytes() for name in TYPES}

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        self._send(resp, "docs.html")

    async def on_get_file(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        if name not in self._files or name == "docs.html":
            raise falcon.HTTPRouteNotFound
        self._send(resp, name)

    def _send(self, resp: falcon.asgi.Response, name: str) -> None:
        resp.content_type, resp.data = TYPES[name], self._files[name]
        resp.set_header("Content-Security-Policy", POLICY)
