-- online
create index concurrently if not exists messages_by_thread on messages (workspace_id, reply_to, number)
    where reply_to is not null;
