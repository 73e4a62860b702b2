-- online
-- What members keep of rooms for themselves, see the file for SQLite.

alter table room_members add column if not exists read_number bigint not null default 0;
alter table room_members add column if not exists read_offset bigint not null default 0;
alter table room_members add column if not exists favourite bigint;
alter table room_members add column if not exists notifications text not null default 'all';

create index concurrently if not exists room_members_by_reading
    on room_members (workspace_id, room_id, read_number, user_id) where read_number > 0;
