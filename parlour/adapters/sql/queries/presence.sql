-- What users chose to be seen as, and when they were last seen.

-- name: kept @sqlite
select * from presences where user_id in (select value from json_each(:ids))

-- name: kept @postgres
select * from presences where user_id = any(:ids)

-- name: choose
insert into presences (user_id, state, until, last_seen_at) values (:user_id, :state, :until, null)
on conflict (user_id) do update set state = excluded.state, until = excluded.until
where presences.state <> excluded.state or presences.until is distinct from excluded.until

-- name: end_choice
update presences set state = 'online', until = null where user_id = :user_id and until <= :now

-- name: saw
insert into presences (user_id, state, until, last_seen_at) values (:user_id, 'online', null, :at)
on conflict (user_id) do update set last_seen_at = excluded.last_seen_at
where presences.last_seen_at is null or presences.last_seen_at <= :unless_after

-- name: known_to @sqlite
select distinct theirs.user_id from workspace_members mine
cross join workspace_members theirs on theirs.workspace_id = mine.workspace_id
join workspaces w on w.id = mine.workspace_id and w.deleted_at is null
where mine.user_id = :asker and theirs.user_id in (select value from json_each(:ids))

-- name: known_to @postgres
select distinct g.id from unnest(cast(:ids as uuid[])) as g (id)
where exists (
    select 1 from workspace_members theirs
    join workspace_members mine on mine.workspace_id = theirs.workspace_id and mine.user_id = :asker
    join workspaces w on w.id = mine.workspace_id and w.deleted_at is null
    where theirs.user_id = g.id
)
