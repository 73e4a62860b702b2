"""What goes over the wire. An event is encoded once; everybody gets the same."""

import re

from ...application.kernel.uow import LoggedEvent

PREFIX = 8
_PLACE = re.compile(r'\{"type":"[^"]*","topic":"[^"]*","offset":([0-9]+),"id":"([^"]*)"')


def event_frame(event: LoggedEvent) -> str:
    """The frame of an event."""
    actor = f'"{event.actor_id}"' if event.actor_id is not None else "null"
    at = event.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return (
        f'{{"type":"{event.tag}","topic":"{event.stream.topic}","offset":{event.offset},"id":"{event.id}",'
        f'"at":"{at}","actor_id":{actor},"data":{event.data}}}'
    )


def tag_of(frame: str) -> str:
    """The name of the event in a frame made here."""
    start = len('{"type":"')
    return frame[start : frame.index('"', start)]


def place_of(frame: str) -> tuple[int, str] | None:
    """Offset and id of the event in a frame made here; None when it is of something that is not in the log."""
    found = _PLACE.match(frame)
    return (int(found[1]), found[2]) if found is not None else None


def packed(event: LoggedEvent) -> bytes:
    """An event as it travels between instances: its offset in 8 bytes, then its frame."""
    return event.offset.to_bytes(PREFIX, "big") + event_frame(event).encode()


def unpacked(payload: bytes) -> tuple[int, str]:
    """Offset and frame of a payload made by `packed`."""
    return int.from_bytes(payload[:PREFIX], "big"), payload[PREFIX:].decode()


def channel_of(topic: str) -> str:
    """The channel on which a stream's events travel."""
    return f"stream:{topic}"
