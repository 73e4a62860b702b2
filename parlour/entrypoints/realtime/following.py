"""What one connection follows, and what it is told of it beside the events."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...application.kernel.actor import Actor
from ...application.kernel.resources import Opened
from ...domain.kernel.errors import Conflict, NotFound, TooMany
from ...domain.kernel.streams import Topic
from .effects import Follow
from .followers import Follower, Sink
from .hub import Hub

Opening = Callable[[Follow, Opened], None]


class Subscriptions:
    """The topics that one connection follows, at most `most` of them. `opened` is told of each that begins."""

    def __init__(self, hub: Hub, most: int, opened: Opening) -> None:
        self._hub, self._most, self._opened = hub, most, opened
        self._by_topic: dict[Topic, Follower] = {}

    def __len__(self) -> int:
        return len(self._by_topic)

    async def follow(self, wish: Follow, actor: Actor, sink: Sink) -> None:
        """Follow a topic, and return when what was missed of it has been shown."""
        if wish.topic in self._by_topic:
            raise Conflict("This connection follows the topic already.", code="already_following")
        if len(self._by_topic) >= self._most:
            raise TooMany("A connection follows no more topics than this.", retry_after=1.0, code="too_many_topics")
        follower = self._by_topic[wish.topic] = self._hub.join(wish.topic, actor, sink, wish.only)
        try:
            await self._hub.open(follower, wish.after, partial(self._opened, wish))
        except BaseException:
            if self._by_topic.get(wish.topic) is follower:
                del self._by_topic[wish.topic]
            raise

    def unfollow(self, topic: Topic) -> None:
        if topic not in self._by_topic:
            raise NotFound("This connection does not follow the topic.", code="not_following")
        self._hub.leave(self._by_topic.pop(topic))

    def ended(self, topic: Topic) -> None:
        """The hub has ended it."""
        self._by_topic.pop(topic, None)

    def leave(self) -> None:
        """Stop following everything."""
        for follower in self._by_topic.values():
            self._hub.leave(follower)

    def heads(self) -> dict[str, int]:
        return self._hub.heads(list(self._by_topic))

    def seen(self) -> list[dict[str, Any]]:
        """Up to where topics of which only some events are shown have been looked through: what a client resumes from."""
        chosen = [f for f in self._by_topic.values() if f.only is not None and f.live]
        return [{"type": "at", "topic": str(f.topic), "offset": f.cursor} for f in chosen]


def subscribed(wish: Follow, found: Opened) -> dict[str, Any]:
    """The frame that says where a topic stands."""
    head = found.head
    said = {"type": "subscribed", "id": wish.id, "topic": str(wish.topic), "epoch": head.epoch}
    return {**said, "offset": head.offset, "last_id": head.id, "recovered": found.recovered}
