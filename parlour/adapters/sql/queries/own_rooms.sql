-- What members keep of rooms for themselves. Unread are the messages after the mark that are not gone: of those up to
-- `gone_to` nothing is left to be read.

-- name: standing
select r.workspace_id, r.id as room_id, r.kind, m.user_id, m.role, m.read_number, m.read_offset, m.favourite,
    m.notifications, w.role as workspace_role, coalesce(s.number, 0) as number,
    r.gone_to
from rooms r
join workspaces t on t.id = r.workspace_id and t.deleted_at is null
left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id and m.user_id = :user_id
left join workspace_members w on w.workspace_id = r.workspace_id and w.user_id = :user_id
left join streams s on s.owner_id = r.workspace_id and s.topic = :topic
where r.id = :room_id and r.deleted_at is null

-- name: all_of
select m.* from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null
order by m.room_id

-- name: move_mark
update room_members set read_number = :number, read_offset = coalesce((
    select stream_offset from messages
    where workspace_id = :workspace_id and room_id = :room_id and number <= :number order by number desc limit 1
), 0)
where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id and read_number = :was
returning read_number, read_offset

-- name: set_notifications
update room_members set notifications = :notifications
where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id

-- name: favourites
select m.room_id from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
where m.user_id = :user_id and m.workspace_id = :workspace_id and m.favourite is not null and r.deleted_at is null
order by m.favourite, m.room_id

-- name: set_favourite
update room_members set favourite = :favourite
where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id

-- Everybody in a room is one row among the mentions; whom a message calls by name beside that has none.
-- Subqueries with `limit 1` are looked up for each row by itself; `exists` may be worked out for all there is.
-- name: mentions
select count(*) from mentions x
where x.workspace_id = :workspace_id and x.user_id in (:user_id, :everybody) and x.room_id = :room_id
    and x.number > :number and x.number <= :head and x.author_id <> :user_id and (
        select 1 from blocks b where b.owner_id = :user_id and b.blocked_id = x.author_id limit 1
    ) is null

-- name: waiting @postgres
select m.room_id, (
        select count(*) from mentions x
        where x.workspace_id = m.workspace_id and x.user_id in (m.user_id, :everybody) and x.room_id = m.room_id
            and x.number > m.read_number and x.author_id <> m.user_id and (
                select 1 from blocks b where b.owner_id = m.user_id and b.blocked_id = x.author_id limit 1
            ) is null
    ) as mentions, (
        select count(*) from thread_followers f
        where f.workspace_id = m.workspace_id and f.user_id = m.user_id and f.room_id = m.room_id and f.following and (
            select 1 from messages t
            join messages r on r.workspace_id = t.workspace_id and r.reply_to = t.id
            where t.workspace_id = f.workspace_id and t.room_id = f.room_id and t.number = f.number and t.replies > 0
                and r.number > coalesce(f.read_number, f.number) and r.deleted_at is null
                and r.author_id <> f.user_id limit 1
        ) is not null
    ) as threads
from room_members m
where m.workspace_id = :workspace_id and m.user_id = :user_id and m.room_id = any(:room_ids)

-- name: waiting @sqlite
select m.room_id, (
        select count(*) from mentions x
        where x.workspace_id = m.workspace_id and x.user_id in (m.user_id, :everybody) and x.room_id = m.room_id
            and x.number > m.read_number and x.author_id <> m.user_id and (
                select 1 from blocks b where b.owner_id = m.user_id and b.blocked_id = x.author_id limit 1
            ) is null
    ) as mentions, (
        select count(*) from thread_followers f
        where f.workspace_id = m.workspace_id and f.user_id = m.user_id and f.room_id = m.room_id and f.following and (
            select 1 from messages t
            join messages r on r.workspace_id = t.workspace_id and r.reply_to = t.id
            where t.workspace_id = f.workspace_id and t.room_id = f.room_id and t.number = f.number and t.replies > 0
                and r.number > coalesce(f.read_number, f.number) and r.deleted_at is null
                and r.author_id <> f.user_id limit 1
        ) is not null
    ) as threads
from room_members m
where m.workspace_id = :workspace_id and m.user_id = :user_id and m.room_id in (select value from json_each(:room_ids))

-- The names of the streams are put together first: see `rooms_of` of the rooms.
-- name: unread_in
with mine as materialized (
    select m.workspace_id, m.room_id, m.read_number,
        case when m.read_number < r.gone_to then r.gone_to else m.read_number end as read_to, 'room:' || r.id as stream
    from room_members m
    join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
    where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null
)
select count(*) as rooms, cast(coalesce(sum(s.number - mine.read_to), 0) as bigint) as unread,
    cast(coalesce(sum((
        select count(*) from mentions x
        where x.workspace_id = mine.workspace_id and x.user_id in (:user_id, :everybody) and x.room_id = mine.room_id
            and x.number > mine.read_number and x.author_id <> :user_id and (
                select 1 from blocks b where b.owner_id = :user_id and b.blocked_id = x.author_id limit 1
            ) is null
    )), 0) as bigint) as mentions
from mine
join streams s on s.owner_id = mine.workspace_id and s.topic = mine.stream and s.number > mine.read_to

-- name: threads_in
select cast(coalesce(sum((
    select count(*) from thread_followers f
    where f.workspace_id = m.workspace_id and f.user_id = m.user_id and f.room_id = m.room_id and f.following and (
        select 1 from messages t
        join messages r on r.workspace_id = t.workspace_id and r.reply_to = t.id
        where t.workspace_id = f.workspace_id and t.room_id = f.room_id and t.number = f.number and t.replies > 0
            and r.number > coalesce(f.read_number, f.number) and r.deleted_at is null
            and r.author_id <> f.user_id limit 1
    ) is not null
)), 0) as bigint) from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null

-- `lateral … limit 1` on PostgreSQL, which looks for a name that is put together from a row before it knows whether the row
-- may be seen: only what is looked up for each row by itself gets an index behind the wall between tenants.
-- pages: unread_rooms @postgres (m.room_id)
select m.room_id, s.number - case when m.read_number < r.gone_to then r.gone_to else m.read_number end as unread,
    m.read_number, m.read_offset, m.notifications
from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
cross join lateral (
    select number from streams where owner_id = r.workspace_id and topic = 'room:' || r.id limit 1
) s
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null and s.number > m.read_number
  and s.number > r.gone_to

-- pages: unread_rooms @sqlite (m.room_id)
select m.room_id, s.number - case when m.read_number < r.gone_to then r.gone_to else m.read_number end as unread,
    m.read_number, m.read_offset, m.notifications
from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
join streams s on s.owner_id = r.workspace_id and s.topic = 'room:' || r.id
where m.user_id = :user_id and m.workspace_id = :workspace_id and r.deleted_at is null and s.number > m.read_number
  and s.number > r.gone_to

-- By the key of the members, and not by one of their marks: an index of those would have to be changed with every mark.
-- pages: readers (user_id)
select user_id from room_members
where workspace_id = :workspace_id and room_id = :room_id and read_number >= :number and joined_at <= :created_at
  and user_id <> :author_id
