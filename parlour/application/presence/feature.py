"""The presence feature, as the catalogue knows it."""

from ...domain.kernel.permissions import Permission as P
from ...domain.presence.events import PresenceChosen
from ..kernel.catalogue import Feature, everywhere, use_case
from ..kernel.retention import SCHEDULERS_OWN
from . import commands, queries, reactions, typing

PRESENCE = Feature(
    "presence",
    use_cases=(
        use_case(typing.show_typing, rates=("typing",)),
        use_case(commands.set_presence, scope=P.USER_PROFILE_UPDATE),
        use_case(queries.get_presence, scope=P.USER_READ),
        use_case(commands.end_presence, absent=SCHEDULERS_OWN),
        use_case(commands.note_last_seen, absent=SCHEDULERS_OWN),
    ),
    reactions=(everywhere(PresenceChosen, reactions.when_presence_is_chosen_tell_watchers),),
)
