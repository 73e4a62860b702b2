"""`/events`: the same session and hub as a socket's, shown as server-sent events."""

from typing import Any

import falcon
import falcon.asgi

from ...domain.kernel.errors import Fault, Invalid, Unauthenticated
from ...domain.kernel.streams import Topic
from . import places
from .asking import BadFrame, only_of, topic_of
from .effects import Follow
from .event_stream import EventStream, Line
from .means import Means
from .proof import abort_of, proof_of

TOPICS = 20
KNOWN = {"topic", "only", "token", "ticket", "last_event_id"}


class EventsResource:
    """Opens streams. Each is sent a comment every `comment` seconds."""

    def __init__(self, means: Means, comment: float) -> None:
        self._means, self._comment = means, comment

    async def on_get(self, req: Any, resp: falcon.asgi.Response) -> None:
        try:
            lines = _asked(req)
        except BadFrame as error:
            raise Invalid(*error.faults) from None
        prove = proof_of(req, self._means)
        if prove is None:
            raise Unauthenticated("Sign in first.")
        stream = EventStream(self._means, req.context.known, abort_of(req), lines, self._comment)
        await stream.open(prove, req.left)
        resp.content_type = "text/event-stream"
        resp.set_header("X-Accel-Buffering", "no")
        resp.stream = stream.body


def _asked(req: falcon.asgi.Request) -> list[Line]:
    """What is to be followed, and from where."""
    unknown = [name for name in req.params if name not in KNOWN]
    if unknown:
        raise Invalid(*(Fault(f"/{n[:64]}", "unknown_field", "There is no such field.") for n in unknown[:20]))
    texts, only = req.get_param_as_list("topic") or [], req.get_param_as_list("only")
    if not texts:
        raise Invalid(Fault("/topic", "required", "Name what to follow: ?topic=room:<id>."))
    if len(texts) > TOPICS:
        raise Invalid(Fault("/topic", "length", f"At most {TOPICS} topics in one stream."))
    topics = [topic_of(text, f"/topic/{n}") for n, text in enumerate(texts)]
    twice = [n for n, topic in enumerate(topics) if topic in topics[:n]]
    if twice:
        raise Invalid(*(Fault(f"/topic/{n}", "twice", "This topic was named before.") for n in twice))
    chosen, known = only_of(only), _last_places(req, topics)
    wishes = [Follow(None, t, places.position(p), chosen) for t, p in zip(topics, known, strict=True)]
    return [Line(wish, place) for wish, place in zip(wishes, known, strict=True)]


def _last_places(req: falcon.asgi.Request, topics: list[Topic]) -> list[str]:
    """Where the client was. A browser says so in the header when it comes back by itself; in the address otherwise."""
    last: str | None = req.get_header("Last-Event-ID") or req.get_param("last_event_id") or None
    return places.read(last, topics) if last is not None else [places.UNKNOWN] * len(topics)
