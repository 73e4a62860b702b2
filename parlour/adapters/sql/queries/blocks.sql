-- Who blocks whom.

-- name: add
insert into blocks (owner_id, blocked_id, blocked_at) values (:owner_id, :blocked_id, :blocked_at)
on conflict (owner_id, blocked_id) do nothing

-- name: remove
delete from blocks where owner_id = :owner_id and blocked_id = :blocked_id

-- name: block
select * from blocks where owner_id = :owner_id and blocked_id = :blocked_id

-- name: count_of
select count(*) from blocks where owner_id = :owner_id

-- name: between
select 1 from blocks
where (owner_id = :one and blocked_id = :other) or (owner_id = :other and blocked_id = :one) limit 1

-- name: blocked_by @sqlite
select owner_id from blocks
where blocked_id = :author_id and owner_id in (select value from json_each(:user_ids))

-- name: blocked_by @postgres
select owner_id from blocks where blocked_id = :author_id and owner_id = any(:user_ids)

-- pages: blocks (b.blocked_at, b.blocked_id)
select b.*, exists (
    select 1 from workspace_members mine
    join workspace_members theirs on theirs.workspace_id = mine.workspace_id and theirs.user_id = b.blocked_id
    join workspaces w on w.id = mine.workspace_id and w.deleted_at is null
    where mine.user_id = b.owner_id
) as acquainted from blocks b
where b.owner_id = :owner_id
