-- How long messages are kept: the rules of rooms and workspaces, up to which number the messages of a room are gone, and
-- when a room is to be looked at again. `keep_days` is null without a rule, and 0 for one that says for ever.

alter table workspaces add column keep_days integer;
alter table workspaces add column rooms_decide integer not null default 1;
alter table rooms add column keep_days integer;
alter table rooms add column gone_to integer not null default 0;

create table retention_due (
    workspace_id text not null,
    room_id text not null,
    due_at text not null,
    primary key (workspace_id, room_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict;
create index retention_due_by_time on retention_due (due_at);

-- What parlour's own work last saw of a setting: another value is something to be done.
create table seen_settings (
    key text not null primary key,
    value text not null
) strict;

-- Which message of its room a message quotes: the words go when that one goes.
alter table messages add column quoted_number integer;
update messages set quoted_number = (
    select q.number from messages q where q.id = json_extract(messages.besides, '$.quote.message_id')
)
where besides like '%"quote"%';
create index messages_quoting on messages (workspace_id, room_id, quoted_number) where quoted_number is not null;

create index mentions_by_message on mentions (workspace_id, room_id, number);
create index thread_followers_by_thread on thread_followers (workspace_id, room_id, number);
