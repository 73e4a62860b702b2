-- Messages that come together, written together.

-- name: known @postgres
select m.* from unnest(cast(:author_ids as uuid[]), cast(:keys as text[])) as g (author_id, client_key)
join messages m on m.author_id = g.author_id and m.client_key = g.client_key

-- The rows are held in the order in which every unit takes them.
-- name: advance @postgres
with given as materialized (
    select *, 'workspace:' || owner_id as workspace_topic from json_to_recordset(cast(:rooms as json)) as g (
        owner_id uuid, topic text, messages bigint, head_id uuid, access_version bigint, workspace_version bigint,
        one uuid, other uuid
    )
),
held as (
    select s.owner_id, s.topic from streams s join given g on g.owner_id = s.owner_id and g.topic = s.topic
    order by s.topic for no key update of s
)
update streams s
set head = s.head + g.messages, number = s.number + g.messages, head_id = g.head_id
from given g
join (select distinct owner_id, topic from held) h on h.owner_id = g.owner_id and h.topic = g.topic
left join streams w on w.owner_id = g.owner_id and w.topic = g.workspace_topic
where coalesce(w.access_version, 1) = g.workspace_version and s.owner_id = g.owner_id and s.topic = g.topic and s.access_version = g.access_version
  and (g.one is null or not exists (
      select from blocks b where (b.owner_id, b.blocked_id) in ((g.one, g.other), (g.other, g.one))
  ))
returning s.topic, s.access_version, s.head, s.number, s.epoch

-- name: insert @postgres
with given as materialized (
    select * from json_to_recordset(cast(:rows as json)) as g (
        workspace_id uuid, id uuid, room_id uuid, author_id uuid, type text, content text, created_at timestamptz,
        stream_offset bigint, number bigint, client_key text, body_hash text, topic text, event_id uuid, tag text,
        revision integer, at timestamptz, data text
    )
),
sent as (
    insert into messages (workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number,
        client_key, body_hash, version)
    select workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number, client_key,
        decode(body_hash, 'hex'), 1
    from given
)
insert into log (owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data)
select workspace_id, topic, stream_offset, event_id, tag, revision, at, author_id, data from given

-- name: as_oneself @postgres
set local role none

-- name: among_pairs @postgres
select pg_advisory_xact_lock_shared(hashtextextended(pair, 7041)) from unnest(cast(:pairs as text[])) as p (pair)

-- name: narrow @postgres
select set_config('parlour.owners', :owners, true)
