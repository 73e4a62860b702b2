"""`/events`: the same session and hub as a socket's, shown as server-sent events."""

from typing import Any

import falcon
import falcon.asgi

from ...domain.kernel.errors import Fault, Invalid, Unauthenticated
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Topic
from . import places
from .asking import PRESENCE, BadFrame, only_of, people_of, topic_of
from .effects import Follow
from .event_stream import EventStream
from .lines import Line
from .means import Means
from .proof import abort_of, proof_of

TOPICS = 20
KNOWN = {"topic", "user_ids", "only", "token", "ticket", "last_event_id"}


class EventsResource:
    """Opens streams. Each is sent a comment every `comment` seconds."""

    def __init__(self, means: Means, comment: float) -> None:
        self._means, self._comment = means, comment

    async def on_get(self, req: Any, resp: falcon.asgi.Response) -> None:
        try:
            lines, people = _asked(req)
        except BadFrame as error:
            raise Invalid(*error.faults) from None
        prove = proof_of(req, self._means)
        if prove is None:
            raise Unauthenticated("Sign in first.")
        stream = EventStream(self._means, req.context.known, abort_of(req), lines, people, self._comment)
        await stream.open(prove, req.left)
        resp.content_type = "text/event-stream"
        resp.set_header("X-Accel-Buffering", "no")
        resp.stream = stream.body


def _asked(req: falcon.asgi.Request) -> tuple[list[Line], tuple[UserId, ...]]:
    """What is to be followed, and from where; and whose presence is to be watched."""
    unknown = [name for name in req.params if name not in KNOWN]
    if unknown:
        raise Invalid(*(Fault(f"/{n[:64]}", "unknown_field", "There is no such field.") for n in unknown[:20]))
    texts, only = req.get_param_as_list("topic") or [], req.get_param_as_list("only")
    if not texts:
        raise Invalid(Fault("/topic", "required", "Name what to follow: ?topic=room:<id>."))
    if len(texts) > TOPICS:
        raise Invalid(Fault("/topic", "length", f"At most {TOPICS} topics in one stream."))
    named = [None if text == PRESENCE else topic_of(text, f"/topic/{n}") for n, text in enumerate(texts)]
    twice = [n for n, topic in enumerate(named) if topic in named[:n]]
    if twice:
        raise Invalid(*(Fault(f"/topic/{n}", "twice", "This topic was named before.") for n in twice))
    people, topics = _people(req, wanted=None in named), [topic for topic in named if topic is not None]
    chosen, known = only_of(only), _last_places(req, topics)
    wishes = [Follow(None, t, places.position(p), chosen) for t, p in zip(topics, known, strict=True)]
    return [Line(wish, place) for wish, place in zip(wishes, known, strict=True)], people


def _people(req: falcon.asgi.Request, *, wanted: bool) -> tuple[UserId, ...]:
    user_ids = req.get_param_as_list("user_ids")
    if not wanted and user_ids is not None:
        raise Invalid(Fault("/user_ids", "not_meant", "Whom to watch goes with ?topic=presence."))
    return people_of(user_ids) if wanted else ()


def _last_places(req: falcon.asgi.Request, topics: list[Topic]) -> list[str]:
    """Where the client was. A browser says so in the header when it comes back by itself; in the address otherwise."""
    last: str | None = req.get_header("Last-Event-ID") or req.get_param("last_event_id") or None
    return places.read(last, topics) if last is not None else [places.UNKNOWN] * len(topics)
