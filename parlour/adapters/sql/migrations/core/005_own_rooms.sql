-- What members keep of rooms for themselves: how far they have read, and where that message stands in the room's stream;
-- which place a room has among their favourites; what they want to be told of.

alter table room_members add column read_number integer not null default 0;
alter table room_members add column read_offset integer not null default 0;
alter table room_members add column favourite integer;
alter table room_members add column notifications text not null default 'all';
