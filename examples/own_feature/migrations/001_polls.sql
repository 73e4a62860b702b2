-- The tables of the feature on SQLite, made when its flag is first on.

create table polls (
    id text not null primary key,
    workspace_id text not null,
    room_id text not null,
    question text not null,
    asked_by text not null,
    asked_at text not null
) strict;

create table poll_votes (
    poll_id text not null references polls (id),
    user_id text not null,
    choice text not null,
    primary key (poll_id, user_id)
) strict;
