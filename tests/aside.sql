-- What tests do to a store past its ports.

-- name: tables @sqlite
select name from sqlite_schema where type = 'table' order by name

-- name: tables @postgres
select table_name as name from information_schema.tables where table_schema = 'public' order by table_name

-- name: age
update log set revision = :revision, data = :data, tag = :tag where topic = :topic and stream_offset = :stream_offset

-- name: dead
select consumer, error from dead_letters

-- name: backdate
update sessions set rotated_at = :at where user_id = :user_id

-- name: empty @postgres
do $$
declare
    tables text := (
        select string_agg(quote_ident(relname), ', ') from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
            and relname <> 'migrations'
    );
begin
    execute 'truncate ' || tables || ' restart identity';
    insert into notices_head (number) values (0);
end
$$
