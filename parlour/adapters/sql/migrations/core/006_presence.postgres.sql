-- What users chose to be seen as, and when they were last seen. Global, like the users themselves.

create table presences (
    user_id uuid primary key,
    state text not null,
    until timestamptz,
    last_seen_at timestamptz
);
