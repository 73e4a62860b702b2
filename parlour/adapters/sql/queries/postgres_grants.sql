-- The roles behind the second wall: parlour_app sees the tenants of whoever it works for, parlour_relay does parlour's own
-- work for all of them, parlour_doctor reads everything and changes nothing. None signs in; a server's login is made a
-- member of parlour_app.

-- parlour_app may become parlour_relay and has none of its rights before: it does not inherit (PostgreSQL 16 and later
-- remember that with the membership, from how the role is now). Roles are the whole server's, so another database's may
-- be made at the same time.
-- name: make_roles @postgres
do $$
declare
    missing text;
begin
    foreach missing in array array['parlour_app', 'parlour_relay', 'parlour_doctor'] loop
        begin
            if not exists (select from pg_roles where rolname = missing) then
                execute format('create role %I nologin noinherit', missing);
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
    begin
        if not pg_has_role('parlour_app', 'parlour_relay', 'member') then
            grant parlour_relay to parlour_app;
        end if;
    exception when unique_violation then
        null;
    end;
end
$$

-- name: inherits @postgres
select pg_has_role('parlour_app', 'parlour_relay', 'usage')

-- name: owns @postgres
select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass('migrations')

-- Whether the roles were given rights in this database: another one on the same server may do without them.
-- name: granted @postgres
select exists (
    select from pg_roles r, pg_class c
    where r.rolname = 'parlour_app' and c.oid = to_regclass('meta') and has_table_privilege(r.oid, c.oid, 'select')
)

-- Every table of parlour's and of its modules: those in its schema that belong to the same owner. Partitions are reached
-- through their parents alone. What only the relay and the chores remove, nobody else can.
-- name: grant @postgres
do $$
declare
    part record;
begin
    for part in
        select c.oid, c.oid::regclass as name, c.relname, c.relkind, c.relrowsecurity as walled from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'S') and not c.relispartition
            and c.relowner = (select relowner from pg_class where oid = 'migrations'::regclass)
    loop
        if part.relkind = 'S' then
            execute format('grant usage on sequence %s to parlour_app, parlour_relay', part.name);
        elsif part.relname in ('meta', 'migrations') then
            execute format('grant select on %s to parlour_app, parlour_relay, parlour_doctor', part.name);
        else
            if part.relname <> 'dead_letters' then
                execute format('grant select, insert, update on %s to parlour_app', part.name);
            end if;
            execute format('grant select, insert, update, delete on %s to parlour_relay', part.name);
            execute format('grant select on %s to parlour_doctor', part.name);
            if part.relname not in (
                'streams', 'log', 'notices_head', 'notices', 'kept_answers', 'handled', 'dead_letters', 'due',
                'users', 'sessions', 'access_tokens', 'letters', 'user_extensions', 'proofs', 'workspaces', 'invitations', 'rooms', 'messages'
            ) then
                execute format('grant delete on %s to parlour_app', part.name);
            end if;
        end if;
        if part.walled and not exists (select from pg_policy where polrelid = part.oid and polname = 'everything') then
            execute format('create policy everything on %s to parlour_relay, parlour_doctor using (true)', part.name);
        end if;
    end loop;
    grant execute on function parlour_owners(), parlour_actor() to parlour_app, parlour_relay, parlour_doctor;
end
$$
