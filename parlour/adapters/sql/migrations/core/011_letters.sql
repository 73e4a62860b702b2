-- Letters by e-mail that wait; proofs that an address is one's own; invitations bound to an address.

create table letters (
    id text not null primary key,
    name text not null,
    data text not null,
    due_at text not null,
    until text not null,
    tries integer not null
) strict, without rowid;
create index letters_due on letters (due_at);

create table proofs (
    id text not null primary key,
    user_id text not null,
    purpose text not null,
    digest blob not null unique,
    email_key text not null,
    created_at text not null,
    expires_at text not null,
    used_at text
) strict, without rowid;
create index proofs_open on proofs (user_id, purpose) where used_at is null;
create index proofs_by_expiry on proofs (expires_at);

alter table users add column email_proven_at text;
alter table invitations add column email text;
