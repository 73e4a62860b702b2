"""The hub: who follows what, and every stream shown to each follower in order, each event once."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from functools import partial

from ...application.kernel.actor import Actor
from ...application.kernel.ports import Signals
from ...application.kernel.resources import Followings, Opened
from ...application.kernel.uow import LoggedEvent
from ...application.presence.live import Whisper
from ...domain.kernel.errors import DomainError, Unavailable
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Position, Topic
from .followers import Feed, Follower, Sink
from .frames import channel_of, event_frame, packed, packed_whisper, tag_of, unpacked

log = logging.getLogger("parlour.hub")

BATCH = 200
AT_ONCE = 8  # followers that are looked at together
SOON = 0.5  # seconds in which a lost right is to be noticed
CLOSED = "closed"  # the instance stops
UNSURE = "unavailable"  # whether the right is still there could not be found out
GAP = "events_gone"  # retention was faster than the reader: resume, and be told to load anew


class Hub:
    """Shows streams to followers. Any path may bring an event, twice or late: what was shown is dropped, a gap is filled
    from the store first."""

    def __init__(self, followings: Followings, signals: Signals, *, compare_every: float = 1.0) -> None:
        self._followings, self._signals, self._every = followings, signals, compare_every
        self._feeds: dict[str, Feed] = {}
        self._of_user: dict[UserId, set[Follower]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def topics(self) -> int:
        """How many streams are followed here."""
        return len(self._feeds)

    def committed(self, events: Sequence[LoggedEvent]) -> None:
        """Let everybody know of events that were committed on this instance."""
        for event in events:
            channel = channel_of(str(event.stream.topic))
            if self._signals.heard(channel):
                self._signals.publish(channel, packed(event))

    def join(self, topic: Topic, actor: Actor, sink: Sink, only: frozenset[str] | None = None) -> Follower:
        """Begin to follow a topic; nothing is shown before `open`, and nothing after `leave`. `only` names the events that
        are shown."""
        follower = Follower(topic, actor, sink, only)
        name = str(topic)
        feed = self._feeds.get(name)
        if feed is None:
            feed = self._feeds[name] = Feed(topic)
            feed.silence = self._signals.listen(channel_of(name), lambda payload: self._brought(feed, payload))
        feed.followers.add(follower)
        if actor.user_id is not None:
            self._of_user.setdefault(actor.user_id, set()).add(follower)
        return follower

    async def open(self, follower: Follower, after: Position | None, opened: Callable[[Opened], None]) -> None:
        """Go on following: `opened` is told where the topic stands, then what was missed after the position is shown,
        then what happens, without gap or repeat. `NotFound` or `Forbidden`, and left, when the actor may not."""
        feed = self._feeds[str(follower.topic)]
        try:
            found = await self._followings.open(follower.topic, follower.actor, after)
            if follower.over:
                return
            if feed.stream is None:
                feed.stream, feed.shown = found.stream, found.head.offset
                self._catch_up(feed)
            follower.cursor = after.offset if found.recovered and after is not None else found.head.offset
            opened(found)
            await self._replay(feed, follower)
        except BaseException:
            self.leave(follower)
            raise

    async def _replay(self, feed: Feed, follower: Follower) -> None:
        assert feed.stream is not None, "a feed that was opened has its stream"
        while follower.cursor < feed.shown and not follower.over:
            events = await self._followings.read(feed.stream, follower.cursor, BATCH)
            if not events:
                return self._end(follower, GAP)
            for event in events:
                await follower.sink.room()
                if not follower.show(event.offset, event_frame(event)):
                    return self._end(follower, GAP)
            await asyncio.sleep(0)  # a long replay lets others have their turn
        follower.live = True
        return None

    def _show(self, feed: Feed, offset: int, frame: str) -> None:
        feed.shown = offset
        for follower in tuple(feed.followers):
            if follower.live and not follower.held and not follower.show(offset, frame):
                self._end(follower, GAP)

    def _end(self, follower: Follower, reason: str) -> None:
        if not follower.over:
            self.leave(follower)
            follower.sink.ended(follower.topic, reason)

    def leave(self, follower: Follower) -> None:
        """Stop following."""
        follower.over = True
        if follower.actor.user_id is not None and (theirs := self._of_user.get(follower.actor.user_id)) is not None:
            theirs.discard(follower)
            if not theirs:
                del self._of_user[follower.actor.user_id]
        feed = self._feeds.get(str(follower.topic))
        if feed is not None and follower in feed.followers:
            feed.followers.discard(follower)
            if not feed.followers:
                feed.silence()
                del self._feeds[str(follower.topic)]

    def heads(self, topics: Sequence[Topic]) -> dict[str, int]:
        """Up to where followed streams were shown."""
        return {str(t): self._feeds[str(t)].shown for t in topics if str(t) in self._feeds}

    def _brought(self, feed: Feed, payload: bytes) -> None:
        offset, frame = unpacked(payload)
        if not offset:
            return self._pass_on(feed, frame)
        feed.latest = max(feed.latest, offset)
        if feed.stream is None or offset <= feed.shown:
            return None
        if offset == feed.shown + 1 and feed.filling is None:
            self._show(feed, offset, frame)
        else:
            self._catch_up(feed)
        return None

    def whisper(self, said: Whisper) -> None:
        """Let those who follow a topic know of something that is in no log."""
        channel = channel_of(str(said.topic))
        if self._signals.heard(channel):
            self._signals.publish(channel, packed_whisper(said))

    def _pass_on(self, feed: Feed, frame: str) -> None:
        tag = tag_of(frame)
        for follower in tuple(feed.followers):
            if follower.live and not follower.held and (follower.only is None or tag in follower.only):
                follower.sink.whispered(frame)

    def _catch_up(self, feed: Feed) -> None:
        """Fill a gap from the store, unless there is none or it is being filled."""
        if feed.latest > feed.shown and feed.filling is None:
            feed.filling = self._start(self._fill(feed))

    async def _fill(self, feed: Feed) -> None:
        assert feed.stream is not None, "a feed that was opened has its stream"
        try:
            while feed.shown < feed.latest and feed.followers:
                events = await self._followings.read(feed.stream, feed.shown, BATCH)
                for event in events:
                    self._show(feed, event.offset, event_frame(event))
                if not events:
                    break
        except DomainError as error:
            log.debug("could not fill a gap of %s: %s", feed.topic, error.code)  # `compare` sees it again
        finally:
            feed.filling = None

    async def compare(self) -> None:
        """Compare the heads of all followed streams with the store every second: a lost last event is found too."""
        while True:
            await asyncio.sleep(self._every)
            feeds = {str(f.topic): f for f in self._feeds.values() if f.stream is not None}
            if not feeds:
                continue
            try:
                heads = await self._followings.heads([f.stream for f in feeds.values() if f.stream is not None])
            except DomainError as error:
                log.debug("could not compare heads: %s", error.code)  # the store tells of itself
                continue
            for topic, head in heads.items():
                feeds[topic].latest = max(feeds[topic].latest, head)
                self._catch_up(feeds[topic])

    def recheck_user(self, user_id: UserId) -> None:
        """Look again at what a user follows."""
        self._recheck(list(self._of_user.get(user_id, ())))

    def recheck_topic(self, topic: str) -> None:
        """Look again at who follows a topic."""
        feed = self._feeds.get(topic)
        self._recheck(list(feed.followers) if feed is not None else [])

    def _recheck(self, followers: list[Follower]) -> None:
        if followers:
            self._start(self._look_again(followers))

    async def _look_again(self, followers: list[Follower]) -> None:
        """End those who may not follow any more, looking at a few at a time. Whoever was not looked at soon, because there
        are many or the store is away, is held: nothing is shown to them, nobody is sent away, and their turn comes."""
        unsure, waiting = set(followers), deque(followers)

        def hold() -> None:
            for follower in unsure:
                follower.held = True

        async def look() -> None:
            while waiting:
                follower = waiting.popleft()
                try:
                    await self._look_at(follower, partial(unsure.discard, follower))
                except Unavailable:
                    unsure.add(follower)
                    waiting.append(follower)
                    hold()
                    await asyncio.sleep(self._every)

        soon = asyncio.get_running_loop().call_later(SOON, hold)
        try:
            await asyncio.gather(*(look() for _ in range(min(AT_ONCE, len(followers)))))
        finally:
            soon.cancel()

    async def _look_at(self, follower: Follower, sure: Callable[[], None]) -> None:
        """`sure` is called when it is known what they may: from then on others who are not looked at hold them no more."""
        if follower.over:
            return
        try:
            reason = await self._followings.refusal(follower.topic, follower.actor)
            sure()
            if reason is None and follower.held and not follower.over:
                follower.held = follower.live = False
                await self._replay(self._feeds[str(follower.topic)], follower)
        except Unavailable:
            raise
        except Exception:
            log.exception("could not look again at a follower of %s", follower.topic)
            reason = UNSURE  # who cannot be looked at is not shown more
        if reason is not None:
            self._end(follower, reason)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End every following: the instance stops."""
        for follower in [f for feed in self._feeds.values() for f in feed.followers]:
            self._end(follower, CLOSED)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
