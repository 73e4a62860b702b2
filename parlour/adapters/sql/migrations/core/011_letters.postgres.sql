-- Letters by e-mail that wait; proofs that an address is one's own; invitations bound to an address.

create table letters (
    id uuid primary key,
    name text not null,
    data text not null,
    due_at timestamptz not null,
    until timestamptz not null,
    tries bigint not null
);
create index letters_due on letters (due_at);

create table proofs (
    id uuid primary key,
    user_id uuid not null,
    purpose text not null,
    digest bytea not null unique,
    email_key text collate "C" not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index proofs_open on proofs (user_id, purpose) where used_at is null;
create index proofs_by_expiry on proofs (expires_at);

alter table users add column email_proven_at timestamptz;
alter table invitations add column email text;
