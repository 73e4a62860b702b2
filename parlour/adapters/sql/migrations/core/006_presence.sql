-- What users chose to be seen as, and when they were last seen.

create table presences (
    user_id text primary key,
    state text not null,
    until text,
    last_seen_at text
) strict;
