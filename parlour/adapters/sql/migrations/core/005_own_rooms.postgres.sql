-- What members keep of rooms for themselves, see the file for SQLite. Marks move often, and no index has them: with room
-- beside a row its next version stands there, and no index is touched.

alter table room_members
    add column read_number bigint not null default 0,
    add column read_offset bigint not null default 0,
    add column favourite bigint,
    add column notifications text not null default 'all';
alter table room_members set (fillfactor = 80);
