-- Messages that go because they are older than the rule of their room. What a message of a room has beside it goes with
-- its row: reactions and former words by their foreign keys, pins and keys in the row itself.

-- name: watch
insert into retention_due (workspace_id, room_id, due_at) values (:workspace_id, :room_id, :due_at)
on conflict (workspace_id, room_id) do update set due_at = :due_at

-- A room that is just made: only where a rule may let its messages go.
-- name: watch_new
insert into retention_due (workspace_id, room_id, due_at)
select id, :room_id, :due_at from workspaces where id = :workspace_id and coalesce(keep_days, :instance_days) > 0
on conflict (workspace_id, room_id) do nothing

-- name: watch_workspace
insert into retention_due (workspace_id, room_id, due_at)
select workspace_id, id, :due_at from rooms where workspace_id = :workspace_id and id > :after order by id limit :most
on conflict (workspace_id, room_id) do update set due_at = excluded.due_at
returning workspace_id, room_id

-- name: watch_all
insert into retention_due (workspace_id, room_id, due_at)
select workspace_id, id, :due_at from rooms where (workspace_id, id) > (:after_workspace, :after)
order by workspace_id, id limit :most
on conflict (workspace_id, room_id) do update set due_at = excluded.due_at
returning workspace_id, room_id

-- name: unwatch
delete from retention_due where workspace_id = :workspace_id and room_id = :room_id

-- name: due_rooms @sqlite
select workspace_id, room_id from retention_due where due_at <= :now order by due_at limit :most

-- name: due_rooms @postgres
select workspace_id, room_id from retention_due where due_at <= :now order by due_at limit :most for update skip locked

-- name: instance_days
select value from seen_settings where key = 'message_days'

-- name: set_instance_days
insert into seen_settings (key, value) values ('message_days', :days) on conflict (key) do update set value = :days

-- Deleted rooms too: nobody sees their messages, and they are kept no longer for that.
-- name: hold @postgres
select * from rooms where id = :room_id for no key update

-- name: hold @sqlite
select * from rooms where id = :room_id

-- name: workspace_keeping
select keep_days, rooms_decide from workspaces where id = :workspace_id

-- name: oldest
select number, created_at, stream_offset, version, reactions from messages
where workspace_id = :workspace_id and room_id = :room_id and number > :gone_to
order by number limit :most

-- name: going @postgres
select id, number, stream_offset, edit_offset from messages
where workspace_id = :workspace_id and room_id = :room_id and number > :gone_to and number <= :number
order by number for update

-- name: going @sqlite
select id, number, stream_offset, edit_offset from messages
where workspace_id = :workspace_id and room_id = :room_id and number > :gone_to and number <= :number
order by number

-- `number > 0`, which every number is, leads to an index that is for these alone.
-- name: followers
select user_id, number, following from thread_followers
where workspace_id = :workspace_id and room_id = :room_id and number <= :number and number > 0
order by number limit :most

-- name: let_go
delete from thread_followers
where workspace_id = :workspace_id and room_id = :room_id and number = :number and user_id = :user_id

-- name: quoting @postgres
select id, stream_offset, besides from messages
where workspace_id = :workspace_id and room_id = :room_id and quoted_number <= :number and number > :number
order by quoted_number, number limit :most for update

-- name: quoting @sqlite
select id, stream_offset, besides from messages
where workspace_id = :workspace_id and room_id = :room_id and quoted_number <= :number and number > :number
order by quoted_number, number limit :most

-- name: unquote
update messages set besides = :besides, quoted_number = null, version = version + 1
where workspace_id = :workspace_id and id = :id

-- name: uncall
delete from mentions
where workspace_id = :workspace_id and room_id = :room_id and number > :gone_to and number <= :number and number > 0

-- name: remove
delete from messages
where workspace_id = :workspace_id and room_id = :room_id and number > :gone_to and number <= :number
