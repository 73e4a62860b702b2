-- What is derived, worked out again. Each query answers with (of, kept, right) of what differs.

-- name: heads
select s.topic as "of", s.head as kept, coalesce(max(l.stream_offset), 0) as "right"
from streams s left join log l on l.owner_id = s.owner_id and l.topic = s.topic
group by s.owner_id, s.topic, s.head
having s.head <> coalesce(max(l.stream_offset), 0)

-- name: gaps
select s.topic as "of", s.head - s.floor + 1 as kept, count(l.stream_offset) as "right"
from streams s left join log l on l.owner_id = s.owner_id and l.topic = s.topic and l.stream_offset >= s.floor
group by s.owner_id, s.topic, s.head, s.floor
having s.head - s.floor + 1 <> count(l.stream_offset)

-- name: head_ids
select s.topic as "of", s.head_id as kept, l.id as "right"
from streams s join log l on l.owner_id = s.owner_id and l.topic = s.topic and l.stream_offset = s.head
where s.head_id <> l.id

-- name: numbers
select s.topic as "of", s.number as kept, r.gone_to + count(m.id) as "right"
from rooms r
join streams s on s.owner_id = r.workspace_id and s.topic = 'room:' || r.id
left join messages m on m.workspace_id = r.workspace_id and m.room_id = r.id
group by s.topic, s.number, r.gone_to
having s.number <> r.gone_to + count(m.id) or s.number <> coalesce(max(m.number), r.gone_to)

-- What hung on messages that are gone by a rule.
-- name: left_behind
select 'room:' || r.id as "of", l.number as kept, r.gone_to as "right"
from rooms r
join (
    select workspace_id, room_id, min(number) as number from mentions group by workspace_id, room_id
    union all
    select workspace_id, room_id, min(number) as number from thread_followers group by workspace_id, room_id
) l on l.workspace_id = r.workspace_id and l.room_id = r.id
where l.number <= r.gone_to

-- name: member_counts
select 'room:' || r.id as "of", r.members_count as kept, count(m.user_id) as "right"
from rooms r left join room_members m on m.workspace_id = r.workspace_id and m.room_id = r.id
where r.deleted_at is null
group by r.id, r.members_count
having r.members_count <> count(m.user_id)

-- name: reply_counts
select 'message:' || f.id as "of", f.replies as kept, coalesce(r.replies, 0) as "right"
from messages f
left join (
    select workspace_id, reply_to, count(*) as replies from messages
    where reply_to is not null and deleted_at is null
    group by workspace_id, reply_to
) r on r.workspace_id = f.workspace_id and r.reply_to = f.id
where f.replies <> coalesce(r.replies, 0)

-- name: reactions @postgres
select 'message:' || id || ' ' || emoji as "of", sum(kept) as kept, sum("right") as "right"
from (
    select m.id, one.value ->> 0 as emoji, cast(one.value ->> 1 as bigint) as kept, 0 as "right"
    from messages m cross join lateral json_array_elements(cast(m.reactions as json)) one
    where m.reactions is not null
    union all
    select message_id, emoji, 0, 1 from reactions
) said
group by id, emoji
having sum(kept) <> sum("right")

-- name: reactions @sqlite
select 'message:' || id || ' ' || emoji as "of", sum(kept) as kept, sum("right") as "right"
from (
    select m.id, json_extract(one.value, '$[0]') as emoji, json_extract(one.value, '$[1]') as kept, 0 as "right"
    from messages m cross join json_each(m.reactions) one
    where m.reactions is not null
    union all
    select message_id, emoji, 0, 1 from reactions
) said
group by id, emoji
having sum(kept) <> sum("right")

-- name: read_marks
select 'room:' || m.room_id || ' as user:' || m.user_id || ' has read it' as "of", m.read_number as kept,
    s.number as "right"
from room_members m
join rooms r on r.workspace_id = m.workspace_id and r.id = m.room_id
join streams s on s.owner_id = r.workspace_id and s.topic = 'room:' || r.id
where r.deleted_at is null and (m.read_number > s.number or m.read_number < 0)

-- A mark on a message that is gone has no place to be compared with.
-- name: read_offsets
select 'room:' || m.room_id || ' as user:' || m.user_id || ' has read it' as "of", m.read_offset as kept,
    coalesce(x.stream_offset, 0) as "right"
from room_members m
left join messages x on x.workspace_id = m.workspace_id and x.room_id = m.room_id and x.number = m.read_number
where (x.id is not null or m.read_number = 0) and m.read_offset <> coalesce(x.stream_offset, 0)
