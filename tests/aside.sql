-- What tests do to a store past its ports.

-- name: tables @sqlite
select name from sqlite_schema where type = 'table' order by name

-- name: tables @postgres
select relname as name from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by relname

-- name: age
update log set revision = :revision, data = :data, tag = :tag where topic = :topic and stream_offset = :stream_offset

-- name: dead
select consumer, error from dead_letters

-- name: backdate
update sessions set rotated_at = :at where user_id = :user_id

-- name: part @postgres
select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()

-- name: empty @postgres
do $$
declare
    name regclass;
begin
    set local session_replication_role = replica;  -- whatever refers to what
    for name in
        select oid from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
            and relname <> 'migrations'
    loop
        execute 'delete from ' || name;
    end loop;
    delete from migrations where module <> 'core';
    alter sequence log_seq restart;
    insert into notices_head (number) values (0);
end
$$
