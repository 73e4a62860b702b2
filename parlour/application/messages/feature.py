"""The messages feature, as the catalogue knows it."""

from ..kernel.catalogue import Feature, use_case
from . import commands, queries

MESSAGES = Feature(
    "messages",
    use_cases=(
        use_case(commands.send_message, own_key=True, rates=("send",)),
        use_case(commands.send_direct_message, own_key=True, rates=("send",)),
        use_case(commands.edit_message, rates=("send",)),
        use_case(commands.delete_message),
        use_case(queries.get_message),
        use_case(queries.list_messages),
        use_case(queries.list_replies),
    ),
)
