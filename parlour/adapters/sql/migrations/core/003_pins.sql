-- When a message was pinned, and by whom.

alter table messages add column pinned_at text;
alter table messages add column pinned_by text;
create index messages_pinned on messages (workspace_id, room_id, pinned_at, id) where pinned_at is not null;
