"""What goes over the wire. An event is encoded once; everybody gets the same."""

import re
from datetime import datetime

from ...application.kernel.uow import LoggedEvent
from ...application.presence.live import Whisper

PREFIX = 8
_PLACE = re.compile(r'\{"type":"[^"]*","topic":"[^"]*","offset":([0-9]+),"id":"([^"]*)"')


def event_frame(event: LoggedEvent) -> str:
    """The frame of an event."""
    actor = f'"{event.actor_id}"' if event.actor_id is not None else "null"
    return (
        f'{{"type":"{event.tag}","topic":"{event.stream.topic}","offset":{event.offset},"id":"{event.id}",'
        f'"at":"{_text(event.at)}","actor_id":{actor},"data":{event.data}}}'
    )


def whisper_frame(said: Whisper) -> str:
    """The frame of something that is in no log: it has no offset."""
    return (
        f'{{"type":"{said.tag}","topic":"{said.topic}","id":"{said.id}","at":"{_text(said.at)}",'
        f'"user_id":"{said.user_id}"}}'
    )


def _text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def tag_of(frame: str) -> str:
    """The name of the event in a frame made here."""
    start = len('{"type":"')
    return frame[start : frame.index('"', start)]


def place_of(frame: str) -> tuple[int, str]:
    """Offset and id of the event in a frame made by `event_frame`."""
    found = _PLACE.match(frame)
    assert found is not None, "an event has its place"
    return int(found[1]), found[2]


def packed(event: LoggedEvent) -> bytes:
    """An event as it travels between instances: its offset in 8 bytes, then its frame."""
    return event.offset.to_bytes(PREFIX, "big") + event_frame(event).encode()


def packed_whisper(said: Whisper) -> bytes:
    """The same of something that is in no log: at offset 0, where no event stands."""
    return bytes(PREFIX) + whisper_frame(said).encode()


def unpacked(payload: bytes) -> tuple[int, str]:
    """Offset and frame of a payload made by `packed`, or by `packed_whisper`."""
    return int.from_bytes(payload[:PREFIX], "big"), payload[PREFIX:].decode()


def channel_of(topic: str) -> str:
    """The channel on which a stream's events travel."""
    return f"stream:{topic}"
