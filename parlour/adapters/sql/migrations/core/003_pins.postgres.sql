-- online
-- When a message was pinned, and by whom.

alter table messages add column if not exists pinned_at timestamptz;
alter table messages add column if not exists pinned_by uuid;

create index concurrently if not exists messages_pinned on messages (workspace_id, room_id, pinned_at, id)
    where pinned_at is not null;
