-- Personal access tokens. Global like sessions: whoever shows one is in no workspace before it was read.

create table access_tokens (
    id uuid primary key,
    user_id uuid not null,
    name text not null,
    scopes text not null,
    digest bytea not null unique,
    created_at timestamptz not null,
    expires_at timestamptz,
    workspace_id uuid,
    last_used_at timestamptz,
    ended_at timestamptz
);
create index access_tokens_open on access_tokens (user_id, created_at) where ended_at is null;
create index access_tokens_by_expiry on access_tokens (expires_at) where expires_at is not null;
create index access_tokens_by_end on access_tokens (ended_at) where ended_at is not null;
