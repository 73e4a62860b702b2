-- Streams, the log, keys, and what is due.

-- name: epoch
select value from meta where key = 'epoch'

-- name: set_epoch
insert into meta (key, value) values ('epoch', :epoch) on conflict (key) do nothing

-- name: advance
insert into streams (owner_id, topic, epoch, head, head_id, floor, number, access_version)
values (:owner_id, :topic, :epoch, :events, :head_id, 1, :messages, 1 + :rights)
on conflict (owner_id, topic) do update
set head = streams.head + :events, number = streams.number + :messages, head_id = :head_id,
    access_version = streams.access_version + :rights
returning epoch, head, number, access_version

-- name: hold_access @postgres
select access_version from streams where owner_id = :owner_id and topic = :topic for share

-- name: append
insert into log (owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data)
values (:owner_id, :topic, :stream_offset, :id, :tag, :revision, :at, :actor_id, :data)

-- name: event_at
select tag, revision, data from log
where owner_id = :owner_id and topic = :topic and stream_offset = :stream_offset

-- name: rewrite
update log set revision = :revision, data = :data
where owner_id = :owner_id and topic = :topic and stream_offset = :stream_offset

-- name: floor_of
select floor from streams where owner_id = :owner_id and topic = :topic

-- name: lowest_waiting @sqlite
select min(stream_offset) from log where owner_id = :owner_id and topic = :topic and published = 0
  and stream_offset >= :lowest and stream_offset < :floor

-- name: lowest_waiting @postgres
select min(stream_offset) from log where owner_id = :owner_id and topic = :topic and not published
  and stream_offset >= :lowest and stream_offset < :floor

-- name: raise_floor
update streams set floor = :floor where owner_id = :owner_id and topic = :topic

-- name: cut
delete from log where owner_id = :owner_id and topic = :topic and stream_offset < :floor

-- name: head
select epoch, head, head_id, floor from streams where owner_id = :owner_id and topic = :topic

-- name: id_at
select id from log where owner_id = :owner_id and topic = :topic and stream_offset = :stream_offset

-- name: after
select owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data from log
where owner_id = :owner_id and topic = :topic and stream_offset > :stream_offset
order by stream_offset limit :most

-- name: heads @sqlite
select topic, head from streams where topic in (select value from json_each(:topics))

-- name: heads @postgres
select topic, head from streams where topic = any(:topics)

-- name: waiting @sqlite
select owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data from log
where published = 0 order by rowid limit :most

-- name: waiting @postgres
select owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data from log
where not published order by seq limit :most

-- One `json_each`: several are joined by looking at every combination.
-- name: mark @sqlite
update log set published = 1
from (
    select value as owner_id, json_extract(:topics, '$[' || key || ']') as topic,
        json_extract(:stream_offsets, '$[' || key || ']') as stream_offset
    from json_each(:owner_ids)
) e
where log.owner_id = e.owner_id and log.topic = e.topic and log.stream_offset = e.stream_offset

-- name: mark @postgres
update log set published = true
from unnest(cast(:owner_ids as uuid[]), cast(:topics as text[]), cast(:stream_offsets as bigint[]))
    as e (owner_id, topic, stream_offset)
where log.owner_id = e.owner_id and log.topic = e.topic and log.stream_offset = e.stream_offset

-- name: pass_over @sqlite
update log set published = 1
where rowid in (select rowid from log where published = 0 order by rowid limit :most)

-- name: pass_over @postgres
update log set published = true
from (select owner_id, topic, stream_offset from log where not published and at <= :before order by seq limit :most) w
where log.owner_id = w.owner_id and log.topic = w.topic and log.stream_offset = w.stream_offset

-- name: add_dead_letter
insert into dead_letters (consumer, event_id, owner_id, topic, stream_offset, error, at)
values (:consumer, :event_id, :owner_id, :topic, :stream_offset, :error, :at)
on conflict (consumer, event_id) do nothing

-- name: handle
insert into handled (consumer, event_id, at) values (:consumer, :event_id, :at)
on conflict (consumer, event_id) do nothing

-- name: kept
select body_hash, answer, created from kept_answers where actor = :actor and use_case = :use_case and key = :key

-- name: remember
insert into kept_answers (actor, use_case, key, body_hash, answer, created, at)
values (:actor, :use_case, :key, :body_hash, :answer, :created, :at)

-- name: forget_keys
delete from kept_answers where (actor, use_case, key) in (
    select actor, use_case, key from kept_answers where at < :before order by at limit :most
)

-- name: forget_handled
delete from handled where (consumer, event_id) in (
    select consumer, event_id from handled where at < :before order by at limit :most
)

-- name: schedule
insert into due (key, due_at, name, data) values (:key, :due_at, :name, :data)
on conflict (key) do update set due_at = :due_at, name = :name, data = :data

-- name: propose
insert into due (key, due_at, name, data) values (:key, :due_at, :name, :data)
on conflict (key) do nothing

-- name: due_now
select key, due_at, name, data from due where due_at <= :now order by due_at limit :most

-- name: due_done
delete from due where key = :key and due_at = :due_at

-- name: due_again
update due set due_at = :again_at where key = :key and due_at = :due_at

-- name: too_many
select owner_id, topic, head - :newest + 1 as floor from streams where head - floor >= :newest

-- The oldest rows of the log come first; whose they are is looked at again as they go. The last event of a stream stays,
-- however old: without looking past it, a thousand quiet streams would hide all others.
-- name: too_old @sqlite
select distinct owner_id, topic from (
    select l.owner_id, l.topic from log l join streams s on s.owner_id = l.owner_id and s.topic = l.topic
    where l.rowid < coalesce((select y.rowid from log y where y.at >= :before order by y.rowid limit 1), 1 << 62)
      and l.stream_offset < s.head
    order by l.rowid limit 1000
)

-- name: too_old @postgres
select distinct owner_id, topic from (
    select l.owner_id, l.topic from log l
    cross join lateral (
        select 1 from streams where owner_id = l.owner_id and topic = l.topic and head > l.stream_offset limit 1
    ) s
    where l.at < :before
    order by l.at limit 1000
) o

-- name: floor_by_age @postgres
select least(s.head, 1 + coalesce((
    select max(o.stream_offset) from (
        select stream_offset, at from log
        where owner_id = :owner_id and topic = :topic order by stream_offset limit :most
    ) o where o.at < :before
), 0)) from streams s where s.owner_id = :owner_id and s.topic = :topic

-- name: floor_by_age @sqlite
select min(s.head, 1 + coalesce((
    select max(o.stream_offset) from (
        select stream_offset, at from log
        where owner_id = :owner_id and topic = :topic order by stream_offset limit :most
    ) o where o.at < :before
), 0)) from streams s where s.owner_id = :owner_id and s.topic = :topic
