-- What programs keep beside a user, in JSON: text, for it is read and written as a whole and may hold what jsonb does not.

create table user_extensions (
    user_id uuid primary key,
    data text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
);
