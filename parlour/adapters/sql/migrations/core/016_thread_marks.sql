-- How far a follower has read a thread, by the room's numbers. Those who follow one already have read all so far. Null in rows
-- that a server of an older version writes: nothing of it.

alter table thread_followers add column read_number integer;
update thread_followers set read_number = coalesce((
    select number from streams
    where owner_id = thread_followers.workspace_id and topic = 'room:' || thread_followers.room_id
), number);
