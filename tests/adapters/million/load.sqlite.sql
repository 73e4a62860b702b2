-- The rows of load.postgres.sql on SQLite. Indexes are left out until all rows are there, which takes half the time.

pragma foreign_keys = off;
pragma synchronous = off;
pragma cache_size = -200000;

create temp table numbers as
with recursive n (n) as (select 0 union all select n + 1 from n where n < 999999) select n from n;

create temp view said as
select n, number, room, case when room <= 2000 then 1000 else 2 + 19 * ((room - 2001) / 30) end as workspace from (
    select n, 1 + 2 * (n / 5) + n % 5 as number, 1 as room from numbers where n % 5 < 2
    union all
    select n, 1 + (3 * (n / 5) + n % 5 - 2) / 5000, 2 + (3 * (n / 5) + n % 5 - 2) % 5000 from numbers where n % 5 >= 2
);

create temp table ids as
select n, printf('%08x-0000-4000-8000-0000000000', n) as id from numbers where n <= 20000;
create unique index temp.ids_by_n on ids (n);

create temp table times as  -- a million in 91 days
select n, strftime('%Y-%m-%dT%H:%M:%f000+00:00', '2026-03-01 12:00:00', printf('%+.3f seconds', 7.8624 * (n * 1000 - 1000000)))
    as at from numbers where n <= 1003;

begin;

insert into messages (workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number, client_key,
    body_hash, quoted_number, version)
select w.id || '01', printf('%08x-0000-4000-8000-000000000004', s.n), r.id || '02', u.id || '03', 'text',
    'What was said here, word by word, by number ' || s.n, t.at, number, number,
    case when s.n % 2 = 0 then 'key-' || s.n end, case when s.n % 2 = 0 then x'00' end,
    case when s.n % 100 = 0 and number > 10 then number - 10 end, 1
from numbers o join said s on s.n = o.n join ids w on w.n = s.workspace join ids r on r.n = s.room
join ids u on u.n = 1 + s.n % 20000
join times t on t.n = s.n / 1000;

insert into log (owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data, published)
select w.id || '01', 'room:' || r.id || '02', number, printf('%08x-0000-4000-8000-000000000005', s.n), 'message_sent', 1,
    t.at, u.id || '03', '{"content":"What was said here"}', s.n < 999700
from numbers o join said s on s.n = o.n join ids w on w.n = s.workspace join ids r on r.n = s.room
join ids u on u.n = 1 + s.n % 20000 join times t on t.n = s.n / 1000;

insert into streams (owner_id, topic, epoch, head, head_id, floor, number, access_version)
select w.id || '01', 'room:' || r.id || '02', 'e', s.head, printf('%08x-0000-4000-8000-000000000005', s.last), 1, s.head, 1
from (select workspace, room, max(number) as head, max(n) as last from said group by workspace, room) s
join ids w on w.n = s.workspace join ids r on r.n = s.room
union all
select id || '01', 'workspace:' || id || '01', 'e', 0, id || '05', 1, 0, 1 from ids where n between 1 and 2000
union all
select id || '03', 'user:' || id || '03', 'e', 0, id || '05', 1, 0, 1 from ids where n between 1 and 20000;

insert into workspaces (id, name, name_key, type, owner_id, created_at, version)
select id || '01', 'w' || n, 'w' || n, 'team', id || '03', '2025-12-01T00:00:00.000000+00:00', 1
from ids where n between 1 and 2000;

insert into workspace_members (workspace_id, user_id, role, joined_at, version)
select w.id || '01', u.id || '03', 'member', t.at, 1
from ids u join ids w on w.n = 1000 join times t on t.n = u.n / 1000 where u.n between 1 and 20000
union all
select w.id || '01', u.id || '03', 'member', t.at, 1
from ids w join ids k on k.n < 10 join ids u on u.n = 1 + (w.n * 10 + k.n) % 20000 join times t on t.n = 0
where w.n between 1 and 2000 and w.n <> 1000;

insert into users (id, username, username_key, username_skeleton, email, email_key, name, password_hash, state, is_admin,
    created_at, updated_at, version)
select id || '03', 'u' || n, 'u' || n, 'u' || n, n || '@example.org', n || '@example.org', 'U', 'a hash', 'active', 0,
    '2025-12-01T00:00:00.000000+00:00', '2025-12-01T00:00:00.000000+00:00', 1
from ids where n between 1 and 20000;

insert into rooms (workspace_id, id, kind, name, name_key, owner_id, created_at, updated_at, members_count, version)
select w.id || '01', r.id || '02', 'public_channel', 'r' || r.n, 'r' || r.n, r.id || '03',
    '2025-12-01T00:00:00.000000+00:00', '2025-12-01T00:00:00.000000+00:00', 10, 1
from ids r join ids w on w.n = case when r.n <= 2000 then 1000 else 2 + 19 * ((r.n - 2001) / 30) end
where r.n between 1 and 5001;

insert into room_members (workspace_id, room_id, user_id, role, joined_at, version, read_number)
select w.id || '01', r.id || '02', u.id || '03', 'member', t.at, 1, u.n
from ids u join ids w on w.n = 1000 join ids r on r.n = 1 join times t on t.n = u.n / 1000 where u.n between 1 and 10000
union all
select r.workspace_id, r.id, u.id || '03', 'member', r.created_at, 1, 0
from rooms r join ids i on i.id = substr(r.id, 1, 34) join ids k on k.n < 10
join ids u on u.n = 1 + (i.n * 10 + k.n) % 20000
where i.n > 1;

insert or ignore into room_members (workspace_id, room_id, user_id, role, joined_at, version)
select r.workspace_id, r.id, u.id || '03', 'member', r.created_at, 1
from ids i join ids u on u.n = 1 join rooms r on r.id = i.id || '02' where i.n between 2 and 300;

insert into room_bans (workspace_id, room_id, user_id, banned_by, banned_at)
select w.id || '01', r.id || '02', u.id || '03', o.id || '03', t.at
from ids u join ids w on w.n = 1000 join ids r on r.n = 1 join ids o on o.n = 1 join times t on t.n = u.n / 1000
where u.n between 10001 and 20000;

insert or ignore into blocks (owner_id, blocked_id, blocked_at)
select u.id || '03', b.id || '03', t.at
from ids u join ids k on k.n < 3 join ids b on b.n = 1 + (u.n * 7 + k.n) % 20000 join times t on t.n = u.n / 1000
where u.n between 1 and 20000;

insert into mentions (workspace_id, user_id, room_id, number, author_id)
select w.id || '01', u.id || '03', r.id || '02', number, o.id || '03'
from numbers x join said s on s.n = x.n join ids w on w.n = s.workspace join ids r on r.n = s.room
join ids u on u.n = 1 + s.n % 20000 join ids o on o.n = 1 where s.n % 10 = 0;

insert into thread_followers (workspace_id, user_id, room_id, number, following)
select w.id || '01', u.id || '03', r.id || '02', number, 1
from numbers x join said s on s.n = x.n join ids w on w.n = s.workspace join ids r on r.n = s.room
join ids u on u.n = 1 + s.n % 20000 where s.n % 50 = 0;

insert into retention_due (workspace_id, room_id, due_at)
select r.workspace_id, r.id,
    strftime('%Y-%m-%dT%H:%M:%f000+00:00', '2026-03-01 12:00:00', (i.n - 10) || ' minutes')
from rooms r join ids i on i.id = substr(r.id, 1, 34);

insert into kept_answers (actor, use_case, key, body_hash, answer, created, at)
select 'user:' || o.n % 20000, 'send_message', 'key-' || o.n, x'00', x'00', 1, t.at
from numbers o join times t on t.n = o.n / 100 where o.n between 1 and 100000;

insert into handled (consumer, event_id, at)
select 'inbox', printf('%08x-0000-4000-8000-000000000005', o.n), t.at
from numbers o join times t on t.n = o.n / 100 where o.n between 1 and 100000;

insert into due (key, due_at, name, data)
select 'due-' || o.n, strftime('%Y-%m-%dT%H:%M:%f000+00:00', '2026-03-01 12:00:00', (o.n - 5) || ' minutes'), 'remind', '{}'
from numbers o where o.n < 20000;

commit;
