-- The tables of the core: kernel, identity, workspaces, rooms, messages.
-- Ids and times are text: canonical UUIDs, and RFC 3339 in UTC with microseconds, which sort as they should.

create table meta (key text not null primary key, value text not null) strict;

create table streams (
    owner_id text not null,
    topic text not null,
    epoch text not null,
    head integer not null,
    head_id text not null,
    floor integer not null,
    number integer not null,
    access_version integer not null,
    primary key (topic, owner_id)
) strict, without rowid;

-- In the order of its rows: the order of commits, which the relay follows.
create table log (
    owner_id text not null,
    topic text not null,
    stream_offset integer not null,
    id text not null,
    tag text not null,
    revision integer not null,
    at text not null,
    actor_id text,
    data text not null,
    published integer not null default 0,
    primary key (topic, stream_offset)
) strict;
create index log_waiting on log (published) where published = 0;

create table kept_answers (
    actor text not null,
    use_case text not null,
    key text not null,
    body_hash blob not null,
    answer blob not null,
    created integer not null,
    at text not null,
    primary key (actor, use_case, key)
) strict, without rowid;
create index kept_answers_by_age on kept_answers (at);

create table handled (
    consumer text not null,
    event_id text not null,
    at text not null,
    primary key (consumer, event_id)
) strict, without rowid;

create table dead_letters (
    consumer text not null,
    event_id text not null,
    owner_id text not null,
    topic text not null,
    stream_offset integer not null,
    error text not null,
    at text not null,
    primary key (consumer, event_id)
) strict, without rowid;

create table due (
    key text not null primary key,
    due_at text not null,
    name text not null,
    data text not null
) strict, without rowid;
create index due_by_time on due (due_at);

create table users (
    id text not null primary key,
    username text not null,
    username_key text not null unique,
    username_skeleton text not null unique,
    email text not null,
    email_key text not null unique,
    name text not null,
    password_hash text not null,
    avatar_url text,
    status text,
    state text not null,
    is_admin integer not null,
    workspace_id text,
    created_at text not null,
    updated_at text not null,
    version integer not null
) strict;

create table sessions (
    id text not null primary key,
    user_id text not null,
    created_at text not null,
    last_seen_at text not null,
    expires_at text not null,
    generation integer not null,
    rotated_at text,
    workspace_id text,
    address text,
    agent text,
    ended_at text,
    version integer not null
) strict;
create index sessions_open on sessions (user_id, created_at) where ended_at is null;
create index sessions_by_expiry on sessions (expires_at);

create table tickets (
    digest blob not null primary key,
    session_id text not null,
    expires_at text not null
) strict;

create table workspaces (
    id text not null primary key,
    name text not null,
    name_key text not null,
    type text not null,
    owner_id text not null,
    created_at text not null,
    deleted_at text,
    version integer not null
) strict;

create table workspace_members (
    workspace_id text not null references workspaces (id),
    user_id text not null,
    role text not null,
    joined_at text not null,
    version integer not null,
    primary key (workspace_id, user_id)
) strict;
create index workspace_members_by_user on workspace_members (user_id, workspace_id);
create index workspace_members_by_age on workspace_members (workspace_id, joined_at, user_id);

create table invitations (
    id text not null primary key,
    workspace_id text not null references workspaces (id),
    digest blob not null unique,
    role text not null,
    created_by text not null,
    created_at text not null,
    expires_at text,
    max_uses integer,
    uses integer not null,
    revoked_at text
) strict;
create index invitations_by_workspace on invitations (workspace_id, created_at);

create table rooms (
    workspace_id text not null references workspaces (id),
    id text not null,
    kind text not null,
    name text,
    name_key text not null,
    description text,
    owner_id text,
    created_at text not null,
    updated_at text not null,
    members_count integer not null,
    direct_key text,
    archived_at text,
    deleted_at text,
    version integer not null,
    primary key (workspace_id, id),
    unique (workspace_id, direct_key)
) strict;
create index rooms_by_id on rooms (id);
create index rooms_by_name on rooms (workspace_id, kind, name_key, id) where deleted_at is null;

create table room_members (
    workspace_id text not null,
    room_id text not null,
    user_id text not null,
    role text not null,
    joined_at text not null,
    version integer not null,
    primary key (workspace_id, room_id, user_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict;
create index room_members_by_user on room_members (user_id, workspace_id, room_id);
create index room_members_by_age on room_members (workspace_id, room_id, joined_at, user_id);

create table messages (
    workspace_id text not null,
    id text not null,
    room_id text not null,
    author_id text not null,
    type text not null,
    content text not null,
    created_at text not null,
    stream_offset integer not null,
    number integer not null,
    edited_at text,
    deleted_at text,
    edit_offset integer,
    client_key text,
    body_hash blob,
    version integer not null,
    primary key (id, workspace_id),
    unique (workspace_id, room_id, number),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict;
create unique index messages_by_key on messages (author_id, client_key, workspace_id) where client_key is not null;
