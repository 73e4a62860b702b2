-- As whom a process works on PostgreSQL, and what a database is before it is opened.

-- name: who @postgres
select current_user as name,
    not row_security_active('messages') as unbound,
    pg_has_role(current_user, c.relowner, 'usage') as owner,
    coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = 'parlour_relay'), false) as relay
from pg_class c where c.oid = 'messages'::regclass

-- name: database @postgres
select current_database() as name, pg_encoding_to_char(encoding) as encoding,
    to_regclass('migrations') is not null as known,
    has_schema_privilege(current_schema(), 'create') as may_create, current_user as role,
    (select string_agg(relname, ', ' order by relname) from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
       and relname in ('messages', 'rooms', 'users', 'streams', 'log')) as taken
from pg_database where datname = current_database()
