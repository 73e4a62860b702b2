-- online
-- How long messages are kept, see the file for SQLite.

alter table workspaces add column if not exists keep_days integer;
alter table workspaces add column if not exists rooms_decide boolean not null default true;
alter table rooms add column if not exists keep_days integer;
alter table rooms add column if not exists gone_to bigint not null default 0;

create table if not exists retention_due (
    workspace_id uuid not null,
    room_id uuid not null,
    due_at timestamptz not null,
    primary key (workspace_id, room_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);
create index concurrently if not exists retention_due_by_time on retention_due (due_at);

alter table retention_due enable row level security;
alter table retention_due force row level security;
drop policy if exists tenants on retention_due;
create policy tenants on retention_due using (
    case when workspace_id = any ((select parlour_owners())::uuid[]) then true else false end
);
drop policy if exists own_work on retention_due;
create policy own_work on retention_due to current_user using (current_setting('parlour.owners', true) = '*');

create table if not exists seen_settings (
    key text collate "C" primary key,
    value text not null
);

alter table messages add column if not exists quoted_number bigint;

-- in batches
update messages m set quoted_number = o.quoted
from (
    select n.id, n.workspace_id, q.number as quoted from messages n
    join messages q on q.id = cast(cast(n.besides as json) #>> '{quote,message_id}' as uuid)
    where n.besides like '%"quote"%' and n.quoted_number is null limit 1000
) o
where m.id = o.id and m.workspace_id = o.workspace_id;

create index concurrently if not exists messages_quoting on messages (workspace_id, room_id, quoted_number)
    where quoted_number is not null;

-- Every number is above 0. Only who says so is given these: somebody's own rows have the primary key, which for most rooms
-- costs the planner as much, and in a large one a thousandth.
create index concurrently if not exists mentions_by_message on mentions (workspace_id, room_id, number) where number > 0;
create index concurrently if not exists thread_followers_by_thread on thread_followers (workspace_id, room_id, number)
    where number > 0;
