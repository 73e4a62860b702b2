-- What messages are beside their words: threads, mentions, quotes, and the words of others.
-- `besides` is JSON, and null for most. In `mentions` the id of zeros stands for everybody in the room.

alter table messages add column reply_to uuid;
alter table messages add column replies bigint not null default 0;
alter table messages add column last_reply_at timestamptz;
alter table messages add column besides text;

create table mentions (
    workspace_id uuid not null,
    user_id uuid not null,
    room_id uuid not null,
    number bigint not null,
    author_id uuid not null,
    primary key (workspace_id, user_id, room_id, number),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);

-- Who follows a thread, by the number of its first message; or says that they do not.
create table thread_followers (
    workspace_id uuid not null,
    user_id uuid not null,
    room_id uuid not null,
    number bigint not null,
    following boolean not null,
    primary key (workspace_id, user_id, room_id, number),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);

do $$
declare
    walled text;
begin
    foreach walled in array array['mentions', 'thread_followers'] loop
        execute format('alter table %I enable row level security', walled);
        execute format('alter table %I force row level security', walled);
        execute format(
            'create policy tenants on %I using '
            '(case when workspace_id = any ((select parlour_owners())::uuid[]) then true else false end)', walled
        );
        execute format(
            'create policy own_work on %I to current_user using (current_setting(''parlour.owners'', true) = ''*'')',
            walled
        );
    end loop;
end
$$;
