-- A million messages and their log: one room of 400,000, the others spread over 5,000 rooms that spoke at the same time.
-- The same rows as in load.sqlite.sql. Keys to other tables are not looked at: they fit by how they are made.

set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '256MB';

create function pg_temp.id(kind text, n bigint) returns uuid language sql immutable as $$
    select cast(lpad(to_hex(n), 8, '0') || '-0000-4000-8000-0000000000' || kind as uuid)
$$;
create function pg_temp.workspace_of(room bigint) returns bigint language sql immutable as $$
    select case when room <= 2000 then 1000 else 2 + 19 * ((room - 2001) / 30) end
$$;
create function pg_temp.at(n bigint) returns timestamptz language sql stable as $$
    select timestamptz '2026-03-01T12:00:00Z' + make_interval(secs => 7.8624 * (n - 1000000))  -- a million in 91 days
$$;

-- Indexes are made when all rows are there, which takes half the time.
create temp table later as
select contype = 'f' as leans, 'alter table ' || conrelid::regclass || ' add constraint ' || conname || ' '
        || pg_get_constraintdef(oid) as made,
    'alter table ' || conrelid::regclass || ' drop constraint ' || conname as dropped
from pg_constraint
where conparentid = 0 and (
    (conrelid in ('messages'::regclass, 'log'::regclass) and contype in ('p', 'u'))
    or (confrelid in ('messages'::regclass, 'log'::regclass) and contype = 'f')
)
union all
select false, replace(indexdef, ' ONLY ', ' '), 'drop index ' || indexname from pg_indexes
where indexname in ('messages_by_key', 'log_waiting', 'log_by_age');
do $$
declare
    statement text;
begin
    for statement in select dropped from later order by leans desc loop
        execute statement;
    end loop;
end
$$;

create temp table said as
select n, 1 + 2 * (n / 5) + n % 5 as number, cast(1 as bigint) as room from generate_series(0, 999999) as n where n % 5 < 2
union all
select n, 1 + j / 5000, 2 + j % 5000 from (
    select n, 3 * (n / 5) + n % 5 - 2 as j from generate_series(0, 999999) as n where n % 5 >= 2
) as o
order by 1;

insert into messages (workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number, client_key,
    body_hash, quoted_number, version)
select pg_temp.id('01', pg_temp.workspace_of(room)), pg_temp.id('04', n), pg_temp.id('02', room),
    pg_temp.id('03', 1 + n % 20000), 'text', 'What was said here, word by word, by number ' || n, pg_temp.at(n), number,
    number, case when n % 2 = 0 then 'key-' || n end, case when n % 2 = 0 then cast('\x00' as bytea) end,
    case when n % 100 = 0 and number > 10 then number - 10 end, 1
from said;

insert into log (owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data, published, seq)
select pg_temp.id('01', pg_temp.workspace_of(room)), 'room:' || pg_temp.id('02', room), number, pg_temp.id('05', n),
    'message_sent', 1, pg_temp.at(n), pg_temp.id('03', 1 + n % 20000), '{"content":"What was said here"}', n < 999700, n
from said;

insert into streams (owner_id, topic, epoch, head, head_id, floor, number, access_version)
select pg_temp.id('01', pg_temp.workspace_of(room)), 'room:' || pg_temp.id('02', room), 'e', max(number),
    pg_temp.id('05', max(n)), 1, max(number), 1
from said group by room
union all
select pg_temp.id('01', n), 'workspace:' || pg_temp.id('01', n), 'e', 0, pg_temp.id('05', 0), 1, 0, 1
from generate_series(1, 2000) as n
union all
select pg_temp.id('03', n), 'user:' || pg_temp.id('03', n), 'e', 0, pg_temp.id('05', 0), 1, 0, 1
from generate_series(1, 20000) as n;

insert into workspaces (id, name, name_key, type, owner_id, created_at, version)
select pg_temp.id('01', n), 'w' || n, 'w' || n, 'team', pg_temp.id('03', n), pg_temp.at(0), 1
from generate_series(1, 2000) as n;

insert into workspace_members (workspace_id, user_id, role, joined_at, version)
select pg_temp.id('01', 1000), pg_temp.id('03', u), 'member', pg_temp.at(u), 1 from generate_series(1, 20000) as u
union all
select pg_temp.id('01', w), pg_temp.id('03', 1 + (w * 10 + k) % 20000), 'member', pg_temp.at(w), 1
from generate_series(1, 2000) as w, generate_series(0, 9) as k where w <> 1000;

insert into users (id, username, username_key, username_skeleton, email, email_key, name, password_hash, state, is_admin,
    created_at, updated_at, version)
select pg_temp.id('03', n), 'u' || n, 'u' || n, 'u' || n, n || '@example.org', n || '@example.org', 'U', 'a hash', 'active',
    false, pg_temp.at(0), pg_temp.at(0), 1
from generate_series(1, 20000) as n;

insert into rooms (workspace_id, id, kind, name, name_key, owner_id, created_at, updated_at, members_count, version)
select pg_temp.id('01', pg_temp.workspace_of(r)), pg_temp.id('02', r), 'public_channel', 'r' || r, 'r' || r,
    pg_temp.id('03', r), pg_temp.at(0), pg_temp.at(0), 10, 1
from generate_series(1, 5001) as r;

insert into room_members (workspace_id, room_id, user_id, role, joined_at, version, read_number)
select pg_temp.id('01', 1000), pg_temp.id('02', 1), pg_temp.id('03', u), 'member', pg_temp.at(u), 1, u
from generate_series(1, 10000) as u
union all
select pg_temp.id('01', pg_temp.workspace_of(r)), pg_temp.id('02', r), pg_temp.id('03', 1 + (r * 10 + k) % 20000), 'member',
    pg_temp.at(k), 1, 0
from generate_series(2, 5001) as r, generate_series(0, 9) as k;

insert into room_members (workspace_id, room_id, user_id, role, joined_at, version)
select pg_temp.id('01', 1000), pg_temp.id('02', r), pg_temp.id('03', 1), 'member', pg_temp.at(r), 1
from generate_series(2, 300) as r
on conflict do nothing;

insert into room_bans (workspace_id, room_id, user_id, banned_by, banned_at)
select pg_temp.id('01', 1000), pg_temp.id('02', 1), pg_temp.id('03', u), pg_temp.id('03', 1), pg_temp.at(u)
from generate_series(10001, 20000) as u;

insert into blocks (owner_id, blocked_id, blocked_at)
select pg_temp.id('03', u), pg_temp.id('03', 1 + (u * 7 + k) % 20000), pg_temp.at(u)
from generate_series(1, 20000) as u, generate_series(0, 2) as k
on conflict do nothing;

insert into mentions (workspace_id, user_id, room_id, number, author_id)
select pg_temp.id('01', pg_temp.workspace_of(room)), pg_temp.id('03', 1 + n % 20000), pg_temp.id('02', room), number,
    pg_temp.id('03', 1)
from said where n % 10 = 0;

insert into thread_followers (workspace_id, user_id, room_id, number, following)
select pg_temp.id('01', pg_temp.workspace_of(room)), pg_temp.id('03', 1 + n % 20000), pg_temp.id('02', room), number, true
from said where n % 50 = 0;

insert into retention_due (workspace_id, room_id, due_at)
select pg_temp.id('01', pg_temp.workspace_of(r)), pg_temp.id('02', r),
    timestamptz '2026-03-01T12:00:00Z' + make_interval(mins => cast(r - 10 as integer))
from generate_series(1, 5001) as r;

insert into kept_answers (actor, use_case, key, body_hash, answer, created, at)
select 'user:' || n % 20000, 'send_message', 'key-' || n, '\x00', '\x00', true, pg_temp.at(n * 10)
from generate_series(1, 100000) as n;

insert into handled (consumer, event_id, at)
select 'inbox', pg_temp.id('05', n), pg_temp.at(n * 10) from generate_series(1, 100000) as n;

insert into due (key, due_at, name, data)
select 'due-' || n, pg_temp.at(1000000 + n - 5), 'remind', '{}' from generate_series(0, 19999) as n;

insert into notices (number, owner_id, topic, stream_offset)
select n, pg_temp.id('01', 1000), 'room:' || pg_temp.id('02', 1), n from generate_series(1, 20000) as n;
update notices_head set number = 20000;

do $$
declare
    statement text;
begin
    for statement in select made from later order by leans loop
        execute statement;
    end loop;
end
$$;
drop table said, later;
