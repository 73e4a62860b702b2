-- As whom a process works on PostgreSQL, and what a database is before it is opened.

-- name: who @postgres
select current_user as name,
    not row_security_active('messages') as unbound,
    pg_has_role(current_user, c.relowner, 'usage') as owner,
    coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = 'parlour_relay'), false) as relay
from pg_class c where c.oid = 'messages'::regclass

-- `known`: the table that says what was migrated is ours, not another program's of the same name.
-- name: database @postgres
select current_database() as name, pg_encoding_to_char(encoding) as encoding,
    (select count(*) = 5 from pg_attribute where attrelid = to_regclass('migrations') and attnum > 0
     and attname in ('module', 'number', 'name', 'hash', 'applied_at')) as known,
    coalesce(has_table_privilege(to_regclass('migrations'), 'select'), true) as may_read,
    coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create, current_user as role,
    (select string_agg(cast(relname as text), ', ' order by relname) from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
       and relname in ('migrations', 'meta', 'messages', 'rooms', 'room_members', 'users', 'sessions', 'workspaces',
                       'workspace_members', 'invitations', 'streams', 'log', 'due', 'handled', 'notices', 'tickets',
                       'kept_answers', 'dead_letters', 'notices_head', 'presences', 'access_tokens', 'letters', 'user_extensions',
                       'proofs')) as taken
from pg_database where datname = current_database()
