-- Rooms and their members.

-- name: add
insert into rooms (workspace_id, id, kind, name, name_key, description, owner_id, created_at, updated_at, members_count,
    direct_key, archived_at, deleted_at, topic, password_hash, version)
values (:workspace_id, :id, :kind, :name, :name_key, :description, :owner_id, :created_at, :updated_at, :members_count,
    :direct_key, :archived_at, :deleted_at, :topic, :password_hash, 1)

-- name: room
select * from rooms where id = :id and deleted_at is null

-- `no key`: messages of the room are written meanwhile.
-- name: hold @postgres
select * from rooms where workspace_id = :workspace_id and id = :id and deleted_at is null for no key update

-- name: hold @sqlite
select * from rooms where workspace_id = :workspace_id and id = :id and deleted_at is null

-- name: direct
select * from rooms where workspace_id = :workspace_id and direct_key = :direct_key

-- name: save
update rooms set name = :name, name_key = :name_key, description = :description, owner_id = :owner_id,
    updated_at = :updated_at, members_count = :members_count, archived_at = :archived_at, deleted_at = :deleted_at,
    topic = :topic, password_hash = :password_hash, keep_days = :keep_days, gone_to = :gone_to, version = version + 1
where workspace_id = :workspace_id and id = :id and version = :version

-- name: add_member
insert into room_members (workspace_id, room_id, user_id, role, joined_at, muted, muted_until, version, read_number,
    read_offset)
values (:workspace_id, :room_id, :user_id, :role, :joined_at, :muted, :muted_until, 1,
    coalesce((select number from streams where owner_id = :workspace_id and topic = :topic), 0),
    coalesce((
        select stream_offset from messages where workspace_id = :workspace_id and room_id = :room_id
        order by number desc limit 1
    ), 0))
on conflict (workspace_id, room_id, user_id) do nothing
returning read_number, read_offset

-- name: member
select * from room_members where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id

-- name: all_members
select * from room_members where workspace_id = :workspace_id and room_id = :room_id order by joined_at, user_id

-- name: save_member
update room_members set role = :role, muted = :muted, muted_until = :muted_until, version = version + 1
where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id and version = :version

-- name: remove_member
delete from room_members where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id

-- name: keep_mute
insert into room_mutes (workspace_id, room_id, user_id, until) values (:workspace_id, :room_id, :user_id, :until)
on conflict (workspace_id, room_id, user_id) do update set until = :until

-- name: take_mute
delete from room_mutes where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id
returning until

-- name: of_member
select r.* from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null
order by r.id

-- name: standing_as_of @postgres
select r.*, m.role as member_role, m.joined_at as member_joined_at, m.version as member_version,
    m.muted, m.muted_until, w.role as workspace_role, b.banned_at, b.until as banned_until, coalesce(a.access_version, 1) as room_access, coalesce(v.access_version, 1) as workspace_access
from rooms r
join workspaces s on s.id = r.workspace_id and s.deleted_at is null
left join streams a on a.owner_id = r.workspace_id and a.topic = 'room:' || cast(:room_id as uuid)
left join lateral (
    select access_version from streams
    where owner_id = r.workspace_id and topic = 'workspace:' || r.workspace_id limit 1
) v on true
left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id and m.user_id = :user_id
left join workspace_members w on w.workspace_id = r.workspace_id and w.user_id = :user_id
left join room_bans b on b.workspace_id = r.workspace_id and b.room_id = r.id and b.user_id = :user_id
where r.id = :room_id and r.deleted_at is null

-- name: standing
select r.*, m.role as member_role, m.joined_at as member_joined_at, m.version as member_version,
    m.muted, m.muted_until, w.role as workspace_role, b.banned_at, b.until as banned_until
from rooms r
join workspaces s on s.id = r.workspace_id and s.deleted_at is null
left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id and m.user_id = :user_id
left join workspace_members w on w.workspace_id = r.workspace_id and w.user_id = :user_id
left join room_bans b on b.workspace_id = r.workspace_id and b.room_id = r.id and b.user_id = :user_id
where r.id = :room_id and r.deleted_at is null

-- name: details
select s.epoch, s.head, s.head_id, s.floor, s.number, m.role, m.read_number, m.read_offset, m.favourite, m.notifications
from streams s
left join room_members m on m.workspace_id = s.owner_id and m.room_id = :room_id and m.user_id = :user_id
where s.owner_id = :workspace_id and s.topic = :topic

-- `lateral … limit 1` on PostgreSQL: see `last_of` of the messages.
-- pages: rooms_of @postgres (r.name_key, r.id)
select r.*, m.role, m.read_number, m.read_offset, m.favourite, m.notifications, s.epoch, s.head, s.head_id, s.floor,
    s.number from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
left join lateral (
    select epoch, head, head_id, floor, number from streams
    where owner_id = r.workspace_id and topic = 'room:' || r.id limit 1
) s on true
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null

-- pages: rooms_of @sqlite (r.name_key, r.id)
select r.*, m.role, m.read_number, m.read_offset, m.favourite, m.notifications, s.epoch, s.head, s.head_id, s.floor,
    s.number from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
left join streams s on s.owner_id = r.workspace_id and s.topic = 'room:' || r.id
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null

-- pages: channels @postgres (r.name_key, r.id)
select r.*, m.role, m.read_number, m.read_offset, m.favourite, m.notifications, s.epoch, s.head, s.head_id, s.floor,
    s.number, b.banned_at, b.until as banned_until from rooms r
left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id and m.user_id = :user_id
left join lateral (
    select banned_at, until from room_bans
    where workspace_id = r.workspace_id and room_id = r.id and user_id = :user_id limit 1
) b on true
left join lateral (
    select epoch, head, head_id, floor, number from streams
    where owner_id = r.workspace_id and topic = 'room:' || r.id limit 1
) s on true
where r.workspace_id = :workspace_id and r.kind = 'public_channel' and r.deleted_at is null

-- pages: channels @sqlite (r.name_key, r.id)
select r.*, m.role, m.read_number, m.read_offset, m.favourite, m.notifications, s.epoch, s.head, s.head_id, s.floor,
    s.number, b.banned_at, b.until as banned_until from rooms r
left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id and m.user_id = :user_id
left join room_bans b on b.workspace_id = r.workspace_id and b.room_id = r.id and b.user_id = :user_id
left join streams s on s.owner_id = r.workspace_id and s.topic = 'room:' || r.id
where r.workspace_id = :workspace_id and r.kind = 'public_channel' and r.deleted_at is null

-- pages: members (joined_at, user_id)
select * from room_members where workspace_id = :workspace_id and room_id = :room_id

-- name: in_room @sqlite
select user_id from room_members
where workspace_id = :workspace_id and room_id = :room_id and user_id in (select value from json_each(:ids))

-- name: in_room @postgres
select m.user_id from unnest(cast(:ids as uuid[])) as g (id)
cross join lateral (
    select user_id from room_members
    where workspace_id = :workspace_id and room_id = :room_id and user_id = g.id limit 1
) m
