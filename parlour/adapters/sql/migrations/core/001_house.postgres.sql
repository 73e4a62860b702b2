-- The tables of the core on PostgreSQL: the same columns as on SQLite, in the server's own types.
--
-- Rows of a tenant carry `workspace_id` (streams and the log `owner_id`: the workspace, or the user of an inbox) in every
-- key, so that no key reaches across. Keys that lists are sorted by collate "C", which is the order of SQLite.

create table meta (key text primary key, value text not null);

-- Whose rows a transaction sees: `parlour.owners` is a list of ids, `parlour.actor` who acts. Neither set: no rows.
create function parlour_owners() returns uuid[] language sql stable parallel safe as $$
    select case
        when coalesce(current_setting('parlour.owners', true), '') in ('', '*') then '{}'::uuid[]
        else string_to_array(current_setting('parlour.owners', true), ',')::uuid[]
    end
$$;

create function parlour_actor() returns uuid language sql stable parallel safe as $$
    select nullif(current_setting('parlour.actor', true), '')::uuid
$$;

create table streams (
    owner_id uuid not null,
    topic text collate "C" not null,
    epoch text not null,
    head bigint not null,
    head_id uuid not null,
    floor bigint not null,
    number bigint not null,
    access_version bigint not null,
    primary key (topic, owner_id)
) with (fillfactor = 60);

-- `seq` grows within each stream, because whoever appends has advanced the stream's row; across streams it may come late.
create sequence log_seq cache 1;
create table log (
    owner_id uuid not null,
    topic text collate "C" not null,
    stream_offset bigint not null,
    id uuid not null,
    tag text not null,
    revision integer not null,
    at timestamptz not null,
    actor_id uuid,
    data text not null,
    published boolean not null default false,
    seq bigint not null default nextval('log_seq'),
    primary key (topic, stream_offset, owner_id)
) partition by hash (topic);
create table log_0 partition of log for values with (modulus 8, remainder 0);
create table log_1 partition of log for values with (modulus 8, remainder 1);
create table log_2 partition of log for values with (modulus 8, remainder 2);
create table log_3 partition of log for values with (modulus 8, remainder 3);
create table log_4 partition of log for values with (modulus 8, remainder 4);
create table log_5 partition of log for values with (modulus 8, remainder 5);
create table log_6 partition of log for values with (modulus 8, remainder 6);
create table log_7 partition of log for values with (modulus 8, remainder 7);
create index log_waiting on log (seq) where not published;
create index log_by_age on log (at);

-- What every instance must learn of within a second: rights that were lost, in the order of their commits, because
-- whoever adds one has advanced the counter's row. They go with the events they name.
create table notices_head (number bigint not null);
insert into notices_head (number) values (0);
create table notices (
    number bigint primary key,
    owner_id uuid not null,
    topic text collate "C" not null,
    stream_offset bigint not null,
    foreign key (topic, stream_offset, owner_id) references log on delete cascade
);
create index notices_by_event on notices (topic, stream_offset, owner_id);

create table kept_answers (
    actor text collate "C" not null,
    use_case text collate "C" not null,
    key text collate "C" not null,
    body_hash bytea not null,
    answer bytea not null,
    created boolean not null,
    at timestamptz not null,
    primary key (actor, use_case, key)
);
create index kept_answers_by_age on kept_answers (at);

create table handled (
    consumer text collate "C" not null,
    event_id uuid not null,
    at timestamptz not null,
    primary key (consumer, event_id)
);
create index handled_by_age on handled (at);

create table dead_letters (
    consumer text collate "C" not null,
    event_id uuid not null,
    owner_id uuid not null,
    topic text collate "C" not null,
    stream_offset bigint not null,
    error text not null,
    at timestamptz not null,
    primary key (consumer, event_id)
);

create table due (
    key text collate "C" primary key,
    due_at timestamptz not null,
    name text not null,
    data text not null
);
create index due_by_time on due (due_at);

create table users (
    id uuid primary key,
    username text not null,
    username_key text collate "C" not null unique,
    username_skeleton text collate "C" not null unique,
    email text not null,
    email_key text collate "C" not null unique,
    name text not null,
    password_hash text not null,
    avatar_url text,
    status text,
    state text not null,
    is_admin boolean not null,
    workspace_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
);

create table sessions (
    id uuid primary key,
    user_id uuid not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    generation bigint not null,
    rotated_at timestamptz,
    workspace_id uuid,
    address text,
    agent text,
    ended_at timestamptz,
    version bigint not null
);
create index sessions_open on sessions (user_id, created_at) where ended_at is null;
create index sessions_by_expiry on sessions (expires_at);
create index sessions_by_end on sessions (ended_at) where ended_at is not null;

create table tickets (
    digest bytea primary key,
    session_id uuid not null,
    expires_at timestamptz not null
);

create table workspaces (
    id uuid primary key,
    name text not null,
    name_key text collate "C" not null,
    type text not null,
    owner_id uuid not null,
    created_at timestamptz not null,
    deleted_at timestamptz,
    version bigint not null
);

create table workspace_members (
    workspace_id uuid not null references workspaces (id),
    user_id uuid not null,
    role text not null,
    joined_at timestamptz not null,
    version bigint not null
);
create index workspace_members_by_user on workspace_members (user_id, workspace_id);
create index workspace_members_by_age on workspace_members (workspace_id, joined_at, user_id);
-- Last, because the server takes the newest of two indexes that seem equally good to it: to look for one member in the
-- order of their age is to look at all.
alter table workspace_members add primary key (workspace_id, user_id);

-- Global: whoever follows an invitation is in no workspace of it yet.
create table invitations (
    id uuid primary key,
    workspace_id uuid not null references workspaces (id),
    digest bytea not null unique,
    role text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    max_uses bigint,
    uses bigint not null,
    revoked_at timestamptz
);
create index invitations_by_workspace on invitations (workspace_id, created_at);

create table rooms (
    workspace_id uuid not null references workspaces (id),
    id uuid not null,
    kind text not null,
    name text,
    name_key text collate "C" not null,
    description text,
    owner_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    members_count bigint not null,
    direct_key text collate "C",
    archived_at timestamptz,
    deleted_at timestamptz,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, direct_key)
);
create index rooms_by_id on rooms (id);
create index rooms_by_name on rooms (workspace_id, kind, name_key, id) where deleted_at is null;

create table room_members (
    workspace_id uuid not null,
    room_id uuid not null,
    user_id uuid not null,
    role text not null,
    joined_at timestamptz not null,
    version bigint not null,
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);
create index room_members_by_user on room_members (user_id, workspace_id, room_id);
create index room_members_by_age on room_members (workspace_id, room_id, joined_at, user_id);
alter table room_members add primary key (workspace_id, room_id, user_id);  -- last, as above

create table messages (
    workspace_id uuid not null,
    id uuid not null,
    room_id uuid not null,
    author_id uuid not null,
    type text not null,
    content text not null,
    created_at timestamptz not null,
    stream_offset bigint not null,
    number bigint not null,
    edited_at timestamptz,
    deleted_at timestamptz,
    edit_offset bigint,
    client_key text collate "C",
    body_hash bytea,
    version bigint not null,
    primary key (id, workspace_id),
    unique (workspace_id, room_id, number),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);
create unique index messages_by_key on messages (author_id, client_key, workspace_id) where client_key is not null;

-- The second wall between tenants: it holds for the tables' owner too, and not for a superuser. Who owns the tables can
-- open it for parlour's own work with `parlour.owners` = '*'; with roles of their own (`parlour migrate --roles`) nobody can.
do $$
declare
    wall record;
begin
    for wall in
        select * from (values
            ('streams', 'owner_id = any ((select parlour_owners())::uuid[])'),
            ('log', 'owner_id = any ((select parlour_owners())::uuid[])'),
            ('workspaces', 'id = any ((select parlour_owners())::uuid[])'),
            ('workspace_members',
                'workspace_id = any ((select parlour_owners())::uuid[]) or user_id = (select parlour_actor())'),
            ('rooms', 'workspace_id = any ((select parlour_owners())::uuid[])'),
            ('room_members', 'workspace_id = any ((select parlour_owners())::uuid[])'),
            ('messages', 'workspace_id = any ((select parlour_owners())::uuid[])')
        ) as w (table_name, rule)
    loop
        execute format('alter table %I enable row level security', wall.table_name);
        execute format('alter table %I force row level security', wall.table_name);
        -- `case`, so that the server does not take the rule for one that hardly a row passes, and read and sort a whole
        -- room where the first rows of an index would do.
        execute format(
            'create policy tenants on %I using (case when %s then true else false end)', wall.table_name, wall.rule
        );
        execute format(
            'create policy own_work on %I to current_user using (current_setting(''parlour.owners'', true) = ''*'')',
            wall.table_name
        );
    end loop;
    for part in 0..7 loop  -- nobody reads the log past its rules by naming a part of it
        execute format('alter table log_%s enable row level security', part);
        execute format('alter table log_%s force row level security', part);
    end loop;
end
$$;
