-- What messages are beside their words: threads and mentions.

-- None is changed when the first message of the thread is gone.
-- name: count_reply
update messages set replies = replies + 1,
    last_reply_at = case when last_reply_at > :at then last_reply_at else :at end
where workspace_id = :workspace_id and id = :message_id and deleted_at is null
returning replies, last_reply_at

-- name: uncount_reply
update messages set replies = replies - 1 where workspace_id = :workspace_id and id = :message_id

-- By itself, when the row is held: a query that has to wait for a row still sees the others as they were before.
-- name: last_reply
update messages set last_reply_at = (
    select max(r.created_at) from messages r
    where r.workspace_id = :workspace_id and r.reply_to = :message_id and r.deleted_at is null
)
where workspace_id = :workspace_id and id = :message_id
returning replies, last_reply_at

-- name: mention
insert into mentions (workspace_id, user_id, room_id, number, author_id)
values (:workspace_id, :user_id, :room_id, :number, :author_id)

-- name: unmention
delete from mentions
where workspace_id = :workspace_id and user_id = :user_id and room_id = :room_id and number = :number

-- Who begins to follow has read what was answered so far. A mark of null is one from before there were marks, by a server
-- of an older version: of that thread nothing is read.
-- name: follow
insert into thread_followers (workspace_id, user_id, room_id, number, following, read_number)
values (:workspace_id, :user_id, :room_id, :number, true, coalesce((
    select number from messages
    where workspace_id = :workspace_id and reply_to = :message_id order by number desc limit 1
), :number))
on conflict (workspace_id, user_id, room_id, number) do update set following = true, read_number = excluded.read_number
where not thread_followers.following
returning user_id, read_number

-- name: unfollow
insert into thread_followers (workspace_id, user_id, room_id, number, following)
values (:workspace_id, :user_id, :room_id, :number, false)
on conflict (workspace_id, user_id, room_id, number) do update set following = false
where thread_followers.following

-- name: follower
select user_id, coalesce(read_number, number) as read_number from thread_followers
where workspace_id = :workspace_id and user_id = :user_id and room_id = :room_id and number = :number and following

-- name: answer
insert into thread_followers (workspace_id, user_id, room_id, number, following, read_number)
select m.workspace_id, :user_id, m.room_id, m.number, true, coalesce((
    select number from messages where workspace_id = m.workspace_id and reply_to = m.id order by number desc limit 1
), m.number) from messages m where m.id = :message_id
on conflict (workspace_id, user_id, room_id, number) do update set following = true, read_number = excluded.read_number
where not thread_followers.following
returning user_id, read_number

-- name: begin
insert into thread_followers (workspace_id, user_id, room_id, number, following, read_number)
select m.workspace_id, m.author_id, m.room_id, m.number, true, coalesce((
    select number from messages where workspace_id = m.workspace_id and reply_to = m.id order by number desc limit 1
), m.number) from messages m
join room_members r on r.workspace_id = m.workspace_id and r.room_id = m.room_id and r.user_id = m.author_id
where m.id = :message_id
on conflict (workspace_id, user_id, room_id, number) do nothing
returning user_id, read_number

-- name: last_number
select number from messages where workspace_id = :workspace_id and reply_to = :message_id order by number desc limit 1

-- name: read
update thread_followers set read_number = :number
where workspace_id = :workspace_id and user_id = :user_id and room_id = :room_id and number = :first and following
    and coalesce(read_number, number) < :number

-- name: replies_after
select count(*) from messages
where workspace_id = :workspace_id and reply_to = :message_id and number > :number and deleted_at is null
    and author_id <> :user_id

-- name: leave_room
delete from thread_followers where workspace_id = :workspace_id and user_id = :user_id and room_id = :room_id

-- name: leave_workspace
delete from thread_followers where workspace_id = :workspace_id and user_id = :user_id

-- `lateral … limit 1` on PostgreSQL: a plan for any parameters takes a room for small, and would read all of it.
-- pages: followed @postgres (f.number)
select m.*, coalesce(f.read_number, f.number) as read_number, (
    select count(*) from messages r
    where r.workspace_id = m.workspace_id and r.reply_to = m.id and r.number > coalesce(f.read_number, f.number)
        and r.deleted_at is null and r.author_id <> f.user_id
) as unread from thread_followers f
cross join lateral (
    select * from messages where workspace_id = f.workspace_id and room_id = f.room_id and number = f.number limit 1
) m
where f.workspace_id = :workspace_id and f.user_id = :user_id and f.room_id = :room_id and f.following

-- pages: followed @sqlite (f.number)
select m.*, coalesce(f.read_number, f.number) as read_number, (
    select count(*) from messages r
    where r.workspace_id = m.workspace_id and r.reply_to = m.id and r.number > coalesce(f.read_number, f.number)
        and r.deleted_at is null and r.author_id <> f.user_id
) as unread from thread_followers f
join messages m on m.workspace_id = f.workspace_id and m.room_id = f.room_id and m.number = f.number
where f.workspace_id = :workspace_id and f.user_id = :user_id and f.room_id = :room_id and f.following
