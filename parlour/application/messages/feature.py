"""The messages feature, as the catalogue knows it."""

from ..kernel.catalogue import Feature, use_case
from . import commands, edits, pins, queries, reacting

MESSAGES = Feature(
    "messages",
    use_cases=(
        use_case(commands.send_message, own_key=True, rates=("send",)),
        use_case(commands.send_direct_message, own_key=True, rates=("send",)),
        use_case(commands.edit_message, rates=("send",)),
        use_case(commands.delete_message),
        use_case(queries.get_message),
        use_case(queries.list_messages),
        use_case(reacting.add_reaction),
        use_case(reacting.remove_reaction),
        use_case(reacting.list_reactors),
        use_case(pins.pin_message),
        use_case(pins.unpin_message),
        use_case(pins.list_pinned),
        use_case(edits.list_edits),
    ),
)
