-- The same tables on PostgreSQL, in its own types. Text that lists are sorted by collates "C", which is the order of SQLite.

create table polls (
    id uuid primary key,
    workspace_id uuid not null,
    room_id uuid not null,
    question text not null,
    asked_by uuid not null,
    asked_at timestamptz not null
);

create table poll_votes (
    poll_id uuid not null references polls (id),
    user_id uuid not null,
    choice text collate "C" not null,
    primary key (poll_id, user_id)
);
