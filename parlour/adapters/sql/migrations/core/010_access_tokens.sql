-- Personal access tokens.

create table access_tokens (
    id text not null primary key,
    user_id text not null,
    name text not null,
    scopes text not null,
    digest blob not null unique,
    created_at text not null,
    expires_at text,
    workspace_id text,
    last_used_at text,
    ended_at text
) strict, without rowid;
create index access_tokens_open on access_tokens (user_id, created_at) where ended_at is null;
create index access_tokens_by_expiry on access_tokens (expires_at) where expires_at is not null;
create index access_tokens_by_end on access_tokens (ended_at) where ended_at is not null;
