-- Workspaces, their members, and invitations.

-- name: add
insert into workspaces (id, name, name_key, type, owner_id, created_at, deleted_at, version)
values (:id, :name, :name_key, :type, :owner_id, :created_at, :deleted_at, 1)

-- name: workspace
select * from workspaces where id = :id and deleted_at is null

-- name: save
update workspaces set name = :name, name_key = :name_key, owner_id = :owner_id, deleted_at = :deleted_at,
    keep_days = :keep_days, rooms_decide = :rooms_decide, version = version + 1
where id = :id and version = :version

-- name: add_member @sqlite
insert into workspace_members (workspace_id, user_id, role, joined_at, version)
select :workspace_id, :user_id, :role, :joined_at, 1 from workspaces where id = :workspace_id and deleted_at is null
on conflict (workspace_id, user_id) do nothing

-- Whoever deletes the workspace waits until the member is there to be told, or makes this come too late.
-- name: add_member @postgres
insert into workspace_members (workspace_id, user_id, role, joined_at, version)
select :workspace_id, :user_id, :role, :joined_at, 1 from workspaces where id = :workspace_id and deleted_at is null
for share
on conflict (workspace_id, user_id) do nothing

-- name: member
select * from workspace_members where workspace_id = :workspace_id and user_id = :user_id

-- name: save_member
update workspace_members set role = :role, version = version + 1
where workspace_id = :workspace_id and user_id = :user_id and version = :version

-- name: remove_member
delete from workspace_members where workspace_id = :workspace_id and user_id = :user_id

-- name: member_ids
select user_id from workspace_members where workspace_id = :workspace_id order by joined_at, user_id

-- name: standing @postgres
select w.*, m.role, v.access_version from workspaces w
left join streams v on v.owner_id = w.id and v.topic = 'workspace:' || cast(:workspace_id as uuid)
left join workspace_members m on m.workspace_id = w.id and m.user_id = :user_id
where w.id = :workspace_id and w.deleted_at is null

-- name: standing @sqlite
select w.*, m.role from workspaces w
left join workspace_members m on m.workspace_id = w.id and m.user_id = :user_id
where w.id = :workspace_id and w.deleted_at is null

-- pages: workspaces_of (w.name_key, w.id)
select w.*, m.role from workspace_members m
join workspaces w on w.id = m.workspace_id
where m.user_id = :user_id and w.deleted_at is null

-- pages: members (joined_at, user_id)
select * from workspace_members where workspace_id = :workspace_id

-- name: in_workspace @sqlite
select user_id from workspace_members
where workspace_id = :workspace_id and user_id in (select value from json_each(:ids))

-- name: in_workspace @postgres
select m.user_id from unnest(cast(:ids as uuid[])) as g (id)
cross join lateral (
    select user_id from workspace_members where workspace_id = :workspace_id and user_id = g.id limit 1
) m

-- name: shared
select 1 from workspace_members m
join workspace_members o on o.workspace_id = m.workspace_id and o.user_id = :other_id
join workspaces w on w.id = m.workspace_id and w.deleted_at is null
where m.user_id = :user_id
limit 1

-- name: add_invitation
insert into invitations (id, workspace_id, digest, role, created_by, created_at, expires_at, max_uses, uses, revoked_at,
    email)
values (:id, :workspace_id, :digest, :role, :created_by, :created_at, :expires_at, :max_uses, :uses, :revoked_at,
    :email)

-- name: by_digest
select * from invitations where digest = :digest

-- name: invitation
select * from invitations where id = :id and workspace_id = :workspace_id

-- name: use
update invitations set uses = uses + 1
where id = :id and revoked_at is null and (expires_at is null or expires_at > :now)
  and (max_uses is null or uses < max_uses)

-- name: revoke
update invitations set revoked_at = :now
where id = :id and workspace_id = :workspace_id and revoked_at is null
returning *

-- name: revoke_of
update invitations set revoked_at = :now
where workspace_id = :workspace_id and created_by = :user_id and revoked_at is null

-- name: usable
select * from invitations
where workspace_id = :workspace_id and revoked_at is null and (expires_at is null or expires_at > :now)
  and (max_uses is null or uses < max_uses)
order by created_at desc, id desc
