"""The messages feature, as the catalogue knows it."""

from ...domain.kernel.permissions import Permission as P
from ...domain.rooms.events import MemberLeft, RoomCreated, RoomRetentionChanged
from ...domain.workspaces.events import WorkspaceEntered, WorkspaceMemberLeft, WorkspaceRetentionChanged
from ..kernel.catalogue import Chore, Feature, in_unit, use_case
from ..kernel.retention import SCHEDULERS_OWN
from . import (
    commands,
    edits,
    forwarding,
    pins,
    queries,
    reacting,
    readers,
    retention,
    scheduled_telling,
    scheduling,
    threads,
)

MESSAGES = Feature(
    "messages",
    use_cases=(
        use_case(commands.send_message, own_key=True, rates=("send",)),
        use_case(commands.send_direct_message, own_key=True, rates=("send",)),
        use_case(commands.edit_message, rates=("send",)),
        use_case(commands.delete_message),
        use_case(forwarding.forward_message, rates=("send",)),
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
        use_case(scheduling.list_scheduled),
        use_case(scheduling.change_scheduled, rates=("send",)),
        use_case(scheduling.cancel_scheduled),
        use_case(scheduling.send_scheduled, absent=SCHEDULERS_OWN),
        use_case(readers.list_readers),
        use_case(threads.follow_thread),
        use_case(threads.unfollow_thread, scope=P.ROOM_MARK),
        use_case(threads.list_replies),
        use_case(threads.list_threads),
        use_case(retention.expire_messages, absent=SCHEDULERS_OWN),
        use_case(retention.watch_rooms, absent=SCHEDULERS_OWN),
        use_case(retention.cut_room, absent=SCHEDULERS_OWN),
    ),
    reactions=(
        in_unit(
            WorkspaceEntered, scheduled_telling.when_member_enters_workspace_give_them_back_what_they_wanted_to_say
        ),
        in_unit(MemberLeft, threads.when_member_leaves_room_let_them_follow_nothing_there),
        in_unit(WorkspaceMemberLeft, threads.when_member_leaves_workspace_let_them_follow_nothing_there),
        in_unit(RoomCreated, retention.when_room_is_made_watch_it),
        in_unit(RoomRetentionChanged, retention.when_rule_of_room_changes_look_at_it),
        in_unit(WorkspaceRetentionChanged, retention.when_rule_of_workspace_changes_look_at_its_rooms),
    ),
    chores=(Chore(retention.ExpireMessages(), retention.EVERY),),
)
