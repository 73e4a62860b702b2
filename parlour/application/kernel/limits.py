"""All limits in one place; `/api/config` and the socket's `welcome` tell them."""

from collections.abc import Mapping

from attrs import field, frozen

from ...domain.kernel.text import NAME_CHARACTERS

MESSAGE_CHARACTERS_AT_MOST = 100_000
PAGE_ITEMS = 200
BATCH_COMMANDS = 100


@frozen
class Limits:
    """How large, how many and how long. Bytes, characters, counts and seconds."""

    message_characters: int = 10_000
    name_characters: int = NAME_CHARACTERS
    frame_bytes: int = 65_536
    body_bytes: int = 1_048_576
    header_bytes: int = 32_768
    page_items: int = PAGE_ITEMS
    batch_commands: int = BATCH_COMMANDS
    topics_per_connection: int = 1_000
    connections_per_user: int = 20
    connections_per_address: int = 200
    commands_in_flight: int = 32
    tokens_per_user: int = 50
    extensions_bytes: int = 16_384
    reactions_per_message: int = 50
    pins_per_room: int = 100
    scheduled_per_user: int = 100


FIELD = "field:"


@frozen
class Rate:
    """A token bucket: `count` at once, and `count` every `seconds` in the long run, for each caller counted `per`.

    `per` is `user` (a stranger's address), `address`, `connection` (a socket), `workspace` (the session's), or
    `field:<name>` for what a field of the input says; of `field:<one>|<other>` it is the first that is there. A count of 0
    means no limit.
    """

    name: str
    count: int
    seconds: int
    per: str = "user"

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.count};w={self.seconds}'


@frozen
class Rates:
    """The rate limits by name. One that is not there is no limit."""

    by_name: Mapping[str, Rate] = field(factory=dict)
