"""What a client needs to know of this server before it begins."""

from attrs import frozen

from .catalogue import Query, use_case
from .flags import Flags
from .limits import Limits

PROTOCOL = 1


@frozen
class ConfigView:
    """The protocol's version, all limits, and the optional modules that are on."""

    protocol: int
    limits: Limits
    modules: list[str]


@frozen
class GetConfig(Query[ConfigView]):
    """The limits of this server, and what it can do."""


async def get_config(query: GetConfig, limits: Limits, flags: Flags) -> ConfigView:
    return ConfigView(PROTOCOL, limits, flags.names())


CONFIG = use_case(get_config, strangers=True)
