"""Pins: what the room should not lose sight of."""

from attrs import evolve

from ..kernel.errors import Conflict
from .message import Message, Pin


def pinned(message: Message, pin: Pin, there: int, most: int) -> Message:
    """A message with a pin, one of at most `most` in its room, where `there` are already; a pin that it has stays."""
    message.check_there()
    if message.pin is not None:
        return message
    if there >= most:
        raise Conflict(f"A room has at most {most:,} pinned messages.", code="too_many_pins")
    return evolve(message, pin=pin)


def unpinned(message: Message) -> Message:
    message.check_there()
    return evolve(message, pin=None) if message.pin is not None else message
