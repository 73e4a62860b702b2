-- What rooms are about, the passwords of channels, members who are muted, and who is kept out, until a time or for good.

alter table rooms add column topic text;
alter table rooms add column password_hash text;

alter table room_members add column muted integer not null default 0;
alter table room_members add column muted_until text;

-- The mutes of members who went, for their return.
create table room_mutes (
    workspace_id text not null,
    room_id text not null,
    user_id text not null,
    until text,
    primary key (workspace_id, room_id, user_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict;

create table room_bans (
    workspace_id text not null,
    room_id text not null,
    user_id text not null,
    banned_by text not null,
    banned_at text not null,
    until text,
    reason text,
    primary key (workspace_id, room_id, user_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict;
create index room_bans_by_age on room_bans (workspace_id, room_id, banned_at, user_id);

create table blocks (
    owner_id text not null,
    blocked_id text not null,
    blocked_at text not null,
    primary key (owner_id, blocked_id)
) strict;
create index blocks_by_age on blocks (owner_id, blocked_at, blocked_id);
