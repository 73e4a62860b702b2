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

-- Behind `last_message` stand the columns of the last message, here and below.
-- name: details
select s.epoch, s.head, s.head_id, s.floor, s.number, m.role, m.read_number, m.read_offset, m.favourite, m.notifications,
    m.muted, m.muted_until, null as last_message, l.*
from streams s
left join room_members m on m.workspace_id = s.owner_id and m.room_id = :room_id and m.user_id = :user_id
left join messages l on l.workspace_id = :workspace_id and l.room_id = :room_id
    and l.number = (select number from streams where owner_id = :workspace_id and topic = :topic)
where s.owner_id = :workspace_id and s.topic = :topic

-- The page is chosen first, with the names of its streams: what is joined to it is looked up for its rooms alone, and by an
-- index behind the wall between tenants too, where PostgreSQL finds none for a name that is still to be put together.
-- pages: rooms_of (r.name_key, r.id)
select p.*, s.epoch, s.head as "offset",
    case when s.number > p.read_to then s.number - p.read_to when p.role is not null then 0 end as unread,
    case when p.role is not null then (
        select count(*) from mentions x
        where x.workspace_id = p.workspace_id and x.user_id in (:user_id, :everybody) and x.room_id = p.id
            and x.number > p.read_number and x.author_id <> :user_id and (
                select 1 from blocks b where b.owner_id = :user_id and b.blocked_id = x.author_id limit 1
            ) is null
    ) end as mentions,
    case when p.role is not null then (
        select count(*) from thread_followers f
        where f.workspace_id = p.workspace_id and f.user_id = :user_id and f.room_id = p.id and f.following and (
            select 1 from messages t
            join messages r on r.workspace_id = t.workspace_id and r.reply_to = t.id
            where t.workspace_id = f.workspace_id and t.room_id = f.room_id and t.number = f.number and t.replies > 0
                and r.number > coalesce(f.read_number, f.number) and r.deleted_at is null
                and r.author_id <> f.user_id limit 1
        ) is not null
    ) end as threads,
    (select keep_days from workspaces where id = :workspace_id) as workspace_days,
    (select rooms_decide from workspaces where id = :workspace_id) as rooms_decide,
    cast(:instance_days as integer) as instance_days, null as last_message, l.*
from (
    select r.id, r.workspace_id, r.kind, r.name, r.name_key, r.description, r.owner_id, r.created_at, r.updated_at,
        r.members_count, r.topic, r.archived_at is not null as archived, r.password_hash is not null as has_password,
        r.keep_days, r.gone_to, m.role, m.read_number, m.read_offset, m.favourite, m.notifications, m.muted,
        m.muted_until, case when m.read_number < r.gone_to then r.gone_to else m.read_number end as read_to,
        'room:' || r.id as stream
    from room_members m
    join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
    where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null :page
) p
left join streams s on s.owner_id = p.workspace_id and s.topic = p.stream
left join messages l on l.workspace_id = p.workspace_id and l.room_id = p.id and l.number = s.number
order by p.name_key :way, p.id :way

-- Of a channel with a password, or that a ban keeps them out of, those who are not in it see neither what was said nor how
-- far its stream has come.
-- pages: channels (r.name_key, r.id)
select p.*, s.epoch, s.head as "offset",
    case when s.number > p.read_to then s.number - p.read_to when p.role is not null then 0 end as unread,
    case when p.role is not null then (
        select count(*) from mentions x
        where x.workspace_id = p.workspace_id and x.user_id in (:user_id, :everybody) and x.room_id = p.id
            and x.number > p.read_number and x.author_id <> :user_id and (
                select 1 from blocks b where b.owner_id = :user_id and b.blocked_id = x.author_id limit 1
            ) is null
    ) end as mentions,
    case when p.role is not null then (
        select count(*) from thread_followers f
        where f.workspace_id = p.workspace_id and f.user_id = :user_id and f.room_id = p.id and f.following and (
            select 1 from messages t
            join messages r on r.workspace_id = t.workspace_id and r.reply_to = t.id
            where t.workspace_id = f.workspace_id and t.room_id = f.room_id and t.number = f.number and t.replies > 0
                and r.number > coalesce(f.read_number, f.number) and r.deleted_at is null
                and r.author_id <> f.user_id limit 1
        ) is not null
    ) end as threads,
    (select keep_days from workspaces where id = :workspace_id) as workspace_days,
    (select rooms_decide from workspaces where id = :workspace_id) as rooms_decide,
    cast(:instance_days as integer) as instance_days, null as last_message, l.*
from (
    select r.id, r.workspace_id, r.kind, r.name, r.name_key, r.description, r.owner_id, r.created_at, r.updated_at,
        r.members_count, r.topic, r.archived_at is not null as archived, r.password_hash is not null as has_password,
        r.keep_days, r.gone_to, m.role, m.read_number, m.read_offset, m.favourite, m.notifications, m.muted,
        m.muted_until, case when m.read_number < r.gone_to then r.gone_to else m.read_number end as read_to,
        'room:' || r.id as stream,
        m.role is not null or (r.password_hash is null and (
            select 1 from room_bans b
            where b.workspace_id = r.workspace_id and b.room_id = r.id and b.user_id = :user_id
                and (b.until is null or b.until > :now) limit 1
        ) is null) as is_open
    from rooms r
    left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id and m.user_id = :user_id
    where r.workspace_id = :workspace_id and r.kind = 'public_channel' and r.deleted_at is null :page
) p
left join streams s on s.owner_id = p.workspace_id and s.topic = p.stream and p.is_open
left join messages l on l.workspace_id = p.workspace_id and l.room_id = p.id and l.number = s.number
order by p.name_key :way, p.id :way

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

-- name: fellows @postgres
select m.user_id from rooms r
join room_members me on me.workspace_id = r.workspace_id and me.room_id = r.id and me.user_id = :user_id
cross join lateral (
    select user_id from room_members where workspace_id = r.workspace_id and room_id = r.id
    order by joined_at, user_id limit :most
) m
where r.id = :room_id and r.deleted_at is null

-- name: fellows @sqlite
select m.user_id from rooms r
join room_members me on me.workspace_id = r.workspace_id and me.room_id = r.id and me.user_id = :user_id
join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id
where r.id = :room_id and r.deleted_at is null
order by m.joined_at, m.user_id limit :most
