-- What members keep of rooms for themselves: how far they have read, and where that message stands in the room's stream;
-- which place a room has among their favourites; what they want to be told of.

alter table room_members add column read_number integer not null default 0;
alter table room_members add column read_offset integer not null default 0;
alter table room_members add column favourite integer;
alter table room_members add column notifications text not null default 'all';

-- For who has read a message, which is never those who have read nothing. Whatever else is asked of members does not say so,
-- and is not taken for something that this index were good for.
create index room_members_by_reading on room_members (workspace_id, room_id, read_number, user_id)
    where read_number > 0;
