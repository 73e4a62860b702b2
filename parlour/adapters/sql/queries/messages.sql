-- Messages.

-- name: by_key
select * from messages where author_id = :author_id and client_key = :client_key

-- name: add
insert into messages (workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number, client_key,
    body_hash, reply_to, besides, quoted_number, version)
values (:workspace_id, :id, :room_id, :author_id, :type, :content, :created_at, :stream_offset, :number, :client_key,
    :body_hash, :reply_to, :besides, :quoted_number, 1)

-- name: message
select * from messages where id = :id

-- name: held @postgres
select * from messages where id = :id for update

-- name: held @sqlite
select * from messages where id = :id

-- name: save
update messages set content = :content, edited_at = :edited_at, deleted_at = :deleted_at, edit_offset = :edit_offset,
    reactions = :reactions, pinned_at = :pinned_at, pinned_by = :pinned_by, besides = :besides, version = version + 1
where workspace_id = :workspace_id and id = :id and version = :version

-- name: pins
select count(*) from messages where workspace_id = :workspace_id and room_id = :room_id and pinned_at is not null

-- pages: pinned (pinned_at, id)
select * from messages where workspace_id = :workspace_id and room_id = :room_id and pinned_at is not null

-- Times grow with the numbers, so that the number is found by halving, by the index that is there: one more would cost
-- every message that is sent. All below `low` were said before; whatever is at `high` or above, then or later.
-- name: number_at
with recursive halved (low, high) as (
    select cast(1 as bigint), coalesce((
        select number from messages where workspace_id = :workspace_id and room_id = :room_id
        order by number desc limit 1
    ), 0) + 1
    union all
    select case when (
            select created_at from messages
            where workspace_id = :workspace_id and room_id = :room_id and number >= (h.low + h.high) / 2 and number < h.high
            order by number limit 1
        ) < :at then (h.low + h.high) / 2 + 1 else h.low end,
        case when (
            select created_at from messages
            where workspace_id = :workspace_id and room_id = :room_id and number >= (h.low + h.high) / 2 and number < h.high
            order by number limit 1
        ) < :at then h.high else (h.low + h.high) / 2 end
    from halved h where h.low < h.high
)
select number from messages
where workspace_id = :workspace_id and room_id = :room_id and number >= (select min(high) from halved)
order by number limit 1

-- pages: history (number)
select * from messages where workspace_id = :workspace_id and room_id = :room_id

-- pages: replies (number)
select * from messages where workspace_id = :workspace_id and reply_to = :reply_to
