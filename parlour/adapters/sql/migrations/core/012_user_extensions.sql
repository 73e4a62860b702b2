-- What programs keep beside a user, in JSON.

create table user_extensions (
    user_id text not null primary key,
    data text not null,
    created_at text not null,
    updated_at text not null,
    version integer not null
) strict, without rowid;
