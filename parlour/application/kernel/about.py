"""What a client needs to know of this server before it begins."""

from attrs import frozen

from .catalogue import Query, use_case
from .flags import Flags
from .limits import Limits
from .retention import Retention

PROTOCOL = 1


@frozen
class ConfigView:
    """The protocol's version, all limits, and the optional modules that are on. Messages are kept for
    `message_retention_days`, null for ever, where neither their room nor its workspace has a rule."""

    protocol: int
    limits: Limits
    modules: list[str]
    message_retention_days: int | None = None


@frozen
class GetConfig(Query[ConfigView]):
    """The limits of this server, and what it can do."""


async def get_config(query: GetConfig, limits: Limits, flags: Flags, rule: Retention) -> ConfigView:
    return ConfigView(PROTOCOL, limits, flags.names(), rule.message_days or None)


CONFIG = use_case(get_config, strangers=True)
