-- Personal access tokens.

-- name: add
insert into access_tokens (id, user_id, name, scopes, digest, created_at, expires_at, workspace_id, last_used_at, ended_at,
    made_by)
values (:id, :user_id, :name, :scopes, :digest, :created_at, :expires_at, :workspace_id, :last_used_at, :ended_at,
    :made_by)

-- name: one
select * from access_tokens where id = :id

-- name: by_digest
select * from access_tokens where digest = :digest

-- name: open_of
select * from access_tokens
where user_id = :user_id and ended_at is null and (expires_at is null or expires_at > :now) order by created_at desc, id desc

-- name: end
update access_tokens set ended_at = :now where id = :id and ended_at is null

-- name: used
update access_tokens set last_used_at = :now where id = :id and (last_used_at is null or last_used_at < :now)

-- name: leave_workspace
update access_tokens set workspace_id = null
where user_id = :user_id and workspace_id = :workspace_id and ended_at is null

-- name: forget
delete from access_tokens where expires_at < :before or ended_at < :before
