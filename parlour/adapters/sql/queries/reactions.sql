-- Reactions: who reacted with what.

-- name: add
insert into reactions (workspace_id, message_id, user_id, emoji, at)
values (:workspace_id, :message_id, :user_id, :emoji, :at)
on conflict do nothing

-- name: remove
delete from reactions
where workspace_id = :workspace_id and message_id = :message_id and user_id = :user_id and emoji = :emoji

-- name: clear
delete from reactions where workspace_id = :workspace_id and message_id = :message_id

-- name: own @postgres
select message_id, emoji from reactions
where workspace_id = :workspace_id and message_id = any (:ids) and user_id = :user_id

-- name: own @sqlite
select message_id, emoji from reactions
where workspace_id = :workspace_id and message_id in (select value from json_each(:ids)) and user_id = :user_id

-- pages: who (at, user_id)
select user_id, at from reactions
where workspace_id = :workspace_id and message_id = :message_id and emoji = :emoji
