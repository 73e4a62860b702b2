-- Messages that come together, written together.

-- name: known @postgres
select m.* from unnest(cast(:author_ids as uuid[]), cast(:keys as text[])) as g (author_id, client_key)
join messages m on m.author_id = g.author_id and m.client_key = g.client_key

-- A room that somebody holds is left out, so that nobody waits for it who has nothing to do with it. The versions are those
-- of rows that are held, and so the newest there are.
-- name: advance @postgres
with given as materialized (
    select * from json_to_recordset(cast(:rooms as json)) as g (
        owner_id uuid, topic text, workspace_topic text, messages bigint, head_id uuid, access_version bigint,
        workspace_version bigint, one uuid, other uuid
    )
),
held as materialized (
    select s.owner_id, s.topic, s.access_version from streams s join given g on g.owner_id = s.owner_id and g.topic = s.topic
    order by s.topic for no key update of s skip locked
),
shared as materialized (
    select w.owner_id, w.topic, w.access_version
    from (select distinct owner_id, workspace_topic from given) g
    join streams w on w.owner_id = g.owner_id and w.topic = g.workspace_topic
    order by w.topic for share of w skip locked
),
asked as materialized (
    select g.*, h.access_version as held_version, coalesce(w.access_version, 1) as shared_version,
        case
            when h.topic is null then exists (select from streams r where r.owner_id = g.owner_id and r.topic = g.topic)
            when w.topic is null then
                exists (select from streams r where r.owner_id = g.owner_id and r.topic = g.workspace_topic)
            else false
        end as held
    from given g
    left join (select distinct * from held) h on h.owner_id = g.owner_id and h.topic = g.topic
    left join shared w on w.owner_id = g.owner_id and w.topic = g.workspace_topic
),
advanced as (
    update streams s
    set head = s.head + a.messages, number = s.number + a.messages, head_id = a.head_id
    from asked a
    where s.owner_id = a.owner_id and s.topic = a.topic and not a.held
        and a.held_version = a.access_version and a.shared_version = a.workspace_version
        and (a.one is null or not exists (
            select from blocks b where (b.owner_id, b.blocked_id) in ((a.one, a.other), (a.other, a.one))
        ))
    returning s.topic, a.access_version, a.workspace_version, s.head, s.number, s.epoch
)
select a.topic, a.access_version, a.workspace_version, d.head, d.number, d.epoch, a.held
from asked a
left join advanced d on d.topic = a.topic and d.access_version = a.access_version
    and d.workspace_version = a.workspace_version

-- In the order in which every unit takes them.
-- name: wait_for_rooms @postgres
select 1 from json_to_recordset(cast(:rooms as json)) as g (owner_id uuid, topic text)
join streams s on s.owner_id = g.owner_id and s.topic = g.topic
order by s.topic for no key update of s

-- name: wait_for_workspaces @postgres
select 1 from json_to_recordset(cast(:rooms as json)) as g (owner_id uuid, workspace_topic text)
join streams w on w.owner_id = g.owner_id and w.topic = g.workspace_topic
order by w.topic for share of w

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
