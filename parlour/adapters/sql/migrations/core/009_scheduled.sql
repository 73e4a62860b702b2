-- Messages that are to be sent later. A row goes when its message was said; `reason` is why it could not be.

create table scheduled_messages (
    workspace_id text not null,
    id text not null,
    room_id text not null,
    author_id text not null,
    content text not null,
    send_at text not null,
    created_at text not null,
    reason text,
    version integer not null,
    primary key (id, workspace_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict;
create index scheduled_by_author on scheduled_messages (workspace_id, author_id, send_at, id);
