"""The messages feature, as the catalogue knows it."""

from ...domain.kernel.permissions import Permission as P
from ...domain.rooms.events import MemberLeft
from ...domain.workspaces.events import WorkspaceMemberLeft
from ..kernel.catalogue import Feature, in_unit, use_case
from ..kernel.retention import SCHEDULERS_OWN
from . import commands, edits, forwarding, pins, queries, reacting, readers, scheduling, threads

MESSAGES = Feature(
    "messages",
    use_cases=(
        use_case(commands.send_message, own_key=True, rates=("send",)),
        use_case(commands.send_direct_message, own_key=True, rates=("send",)),
        use_case(commands.edit_message, rates=("send",)),
        use_case(commands.delete_message),
        use_case(forwarding.forward_message, own_key=True, rates=("send",)),
        use_case(queries.get_message),
        use_case(queries.list_messages),
        use_case(reacting.add_reaction),
        use_case(reacting.remove_reaction),
        use_case(reacting.list_reactors),
        use_case(pins.pin_message),
        use_case(pins.unpin_message),
        use_case(pins.list_pinned),
        use_case(edits.list_edits),
        use_case(scheduling.schedule_message, rates=("send",)),
        use_case(scheduling.list_scheduled, scope=P.ROOM_MESSAGE_SEND),
        use_case(scheduling.change_scheduled, rates=("send",)),
        use_case(scheduling.cancel_scheduled, scope=P.ROOM_MESSAGE_SEND),
        use_case(scheduling.send_scheduled, absent=SCHEDULERS_OWN),
        use_case(readers.list_readers),
        use_case(threads.follow_thread),
        use_case(threads.unfollow_thread, scope=P.ROOM_MARK),
        use_case(threads.list_replies),
        use_case(threads.list_threads),
    ),
    reactions=(
        in_unit(MemberLeft, threads.when_member_leaves_room_let_them_follow_nothing_there),
        in_unit(WorkspaceMemberLeft, threads.when_member_leaves_workspace_let_them_follow_nothing_there),
    ),
)
