-- What messages are beside their words: threads and mentions.

-- None is changed when the first message of the thread is gone.
-- name: count_reply
update messages set replies = replies + 1,
    last_reply_at = case when last_reply_at > :at then last_reply_at else :at end
where workspace_id = :workspace_id and id = :id and deleted_at is null
returning replies, last_reply_at

-- name: uncount_reply
update messages set replies = replies - 1, last_reply_at = (
    select max(r.created_at) from messages r
    where r.workspace_id = :workspace_id and r.reply_to = :id and r.deleted_at is null
)
where workspace_id = :workspace_id and id = :id
returning replies, last_reply_at

-- name: mention
insert into mentions (workspace_id, user_id, room_id, number, author_id)
values (:workspace_id, :user_id, :room_id, :number, :author_id)

-- name: unmention
delete from mentions
where workspace_id = :workspace_id and user_id = :user_id and room_id = :room_id and number = :number

-- Everybody in a room is one row; whom a message calls by name beside that has none.
-- name: mentions_since
select count(*) from mentions
where workspace_id = :workspace_id and user_id in (:user_id, :everybody) and room_id = :room_id and number > :number
    and author_id <> :user_id
