-- A transaction of the host's: savepoints in it, and what is set for use cases and set back after each. `parlour.inside`
-- names the parts whose events have no offset yet: as a setting of the transaction it is undone with them.

-- name: path @postgres
select string_agg(quote_ident(name), ', ' order by place)
from unnest(current_schemas(false)) with ordinality as s (name, place)

-- name: as_it_is @postgres
select coalesce(current_setting('parlour.owners', true), '') as owners,
    coalesce(current_setting('parlour.actor', true), '') as actor,
    current_setting('role') as role, current_setting('TimeZone') as zone, current_setting('search_path') as path,
    pg_backend_pid() || ' ' || cast(transaction_timestamp() as text) as began

-- name: look_in @postgres
select set_config('search_path', :path, true)

-- name: known @postgres
select to_regclass('meta') is not null and to_regclass('messages') is not null

-- name: open @postgres
savepoint parlour_within

-- name: keep_all @postgres
release savepoint parlour_within

-- name: undo_all @postgres
rollback to savepoint parlour_within; release savepoint parlour_within

-- name: begin @postgres
savepoint parlour_part; set local time zone 'UTC';
select set_config('search_path', :path, true), set_config('parlour.owners', '', true), set_config('parlour.actor', '', true),
    set_config('parlour.part', 'open', true)

-- name: as_all @postgres
select set_config('parlour.owners', :owners, true)

-- name: mark @postgres
select coalesce(current_setting('parlour.owners', true), ''), set_config('parlour.inside',
    concat_ws(',', nullif(current_setting('parlour.inside', true), ''), cast(:number as text)), true)

-- name: marked @postgres
select coalesce(current_setting('parlour.inside', true), '')

-- name: set_back @postgres
select set_config('role', :role, true), set_config('parlour.owners', :owners, true),
    set_config('parlour.actor', :actor, true), set_config('TimeZone', :zone, true), set_config('search_path', :path, true)

-- name: keep @postgres
select set_config('role', :role, true), set_config('parlour.owners', :owners, true),
    set_config('parlour.actor', :actor, true), set_config('TimeZone', :zone, true), set_config('search_path', :path, true),
    set_config('parlour.part', '', true);
release savepoint parlour_part

-- `open`: whoever was cancelled does not know whether the part had begun, or ended.
-- name: is_open @postgres
select coalesce(current_setting('parlour.part', true), '') = 'open'

-- name: undo @postgres
rollback to savepoint parlour_part; release savepoint parlour_part
