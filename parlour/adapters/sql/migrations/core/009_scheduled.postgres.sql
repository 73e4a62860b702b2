-- Messages that are to be sent later. A row goes when its message was said; `reason` is why it could not be.

create table scheduled_messages (
    workspace_id uuid not null,
    id uuid not null,
    room_id uuid not null,
    author_id uuid not null,
    content text not null,
    send_at timestamptz not null,
    created_at timestamptz not null,
    reason text,
    version bigint not null,
    primary key (id, workspace_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);
create index scheduled_by_author on scheduled_messages (workspace_id, author_id, send_at, id);

alter table scheduled_messages enable row level security;
alter table scheduled_messages force row level security;
create policy tenants on scheduled_messages using (
    case when workspace_id = any ((select parlour_owners())::uuid[]) then true else false end
);
create policy own_work on scheduled_messages to current_user using (current_setting('parlour.owners', true) = '*');
