-- online
-- How far a follower has read a thread, see the file for SQLite.
alter table thread_followers add column if not exists read_number bigint;

-- in batches
update thread_followers f set read_number = coalesce((
    select s.number from streams s where s.owner_id = f.workspace_id and s.topic = 'room:' || f.room_id
), f.number)
where (f.workspace_id, f.user_id, f.room_id, f.number) in (
    select workspace_id, user_id, room_id, number from thread_followers where read_number is null limit 1000
);
