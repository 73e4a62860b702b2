-- Messages that are to be sent later.

-- name: add
insert into scheduled_messages (workspace_id, id, room_id, author_id, content, send_at, created_at, reason, told_offset,
    version)
values (:workspace_id, :id, :room_id, :author_id, :content, :send_at, :created_at, :reason, :told_offset, 1)

-- name: words
select content from scheduled_messages where id = :id

-- name: held @postgres
select * from scheduled_messages where id = :id for update

-- name: held @sqlite
select * from scheduled_messages where id = :id

-- name: save
update scheduled_messages set content = :content, send_at = :send_at, reason = :reason, version = version + 1
where workspace_id = :workspace_id and id = :id and version = :version

-- name: told
update scheduled_messages set told_offset = :told_offset where id = :id

-- name: all_of @postgres
select * from scheduled_messages where workspace_id = :workspace_id and author_id = :author_id order by send_at, id
for update

-- name: all_of @sqlite
select * from scheduled_messages where workspace_id = :workspace_id and author_id = :author_id order by send_at, id

-- name: remove
delete from scheduled_messages where workspace_id = :workspace_id and id = :id

-- name: count
select count(*) from scheduled_messages where workspace_id = :workspace_id and author_id = :author_id

-- pages: of_author (send_at, id)
select id, workspace_id, room_id, content, send_at, created_at, reason from scheduled_messages
where workspace_id = :workspace_id and author_id = :author_id
