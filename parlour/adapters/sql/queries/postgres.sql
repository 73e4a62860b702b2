-- What is PostgreSQL's alone: transactions within the wall between tenants, locks, and what other instances must learn.

-- name: begin @postgres
begin isolation level read committed

-- name: begin_reading @postgres
begin isolation level repeatable read read only

-- name: as_actor @postgres
select set_config('parlour.actor', :actor, true)

-- name: as_member @postgres
select set_config('parlour.owners', coalesce(
    (select string_agg(cast(workspace_id as text), ',') || ',' from workspace_members where user_id = cast(:actor as uuid)), ''
) || :actor, true)

-- name: as_owner @postgres
select set_config('parlour.owners', '*', true)

-- name: as_relay @postgres
set local role parlour_relay

-- name: widen @postgres
select set_config(
    'parlour.owners', concat_ws(',', nullif(current_setting('parlour.owners', true), ''), cast(:owners as text)), true
)

-- name: commit @postgres
commit

-- name: rollback @postgres
rollback

-- name: alone @postgres
select pg_advisory_xact_lock(hashtextextended(:what, 7041))

-- name: among @postgres
select pg_advisory_xact_lock_shared(hashtextextended(:what, 7041))

-- name: hold_key @postgres
select pg_try_advisory_xact_lock(hashtextextended(:what, 7042))

-- name: notice @postgres
with head as (update notices_head set number = number + :count returning number)
insert into notices (number, owner_id, topic, stream_offset)
select head.number - :count + e.place, e.owner_id, e.topic, e.stream_offset
from head, unnest(cast(:owner_ids as uuid[]), cast(:topics as text[]), cast(:stream_offsets as bigint[]))
    with ordinality as e (owner_id, topic, stream_offset, place)

-- name: last_notice @postgres
select number from notices_head

-- name: noticed @postgres
select n.number, l.owner_id, l.topic, l.stream_offset, l.id, l.tag, l.revision, l.at, l.actor_id, l.data
from notices n
join log l on l.owner_id = n.owner_id and l.topic = n.topic and l.stream_offset = n.stream_offset
where n.number > :number
order by n.number limit :most

-- name: lead @postgres
select pg_try_advisory_lock(hashtextextended(:what, 7044))

-- name: leading @postgres
select true

-- Asked again and again, not waited for: who waits has a snapshot, and an index built concurrently waits for that.
-- name: migrating @postgres
select pg_try_advisory_lock(hashtextextended('parlour:migrate', 7043))

-- name: migrations_known @postgres
select to_regclass('migrations') is not null

-- The tables' owner is behind the wall too: to change all rows it must see all.
-- name: migrating_bounds @postgres
select set_config('statement_timeout', '0', false), set_config('lock_timeout', '500', false),
    set_config('parlour.owners', '*', false)

-- name: wait_for_others @postgres
set lock_timeout = 0

-- name: half_built @postgres
select 'drop index concurrently if exists ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
where i.indexrelid = to_regclass(:name) and not i.indisvalid

-- name: migrated @postgres
select pg_advisory_unlock(hashtextextended('parlour:migrate', 7043))
