-- Reactions to messages. How many reacted with what stands in the message too, as JSON: [["👍", 3], …].

alter table messages add column reactions text;

create table reactions (
    workspace_id uuid not null,
    message_id uuid not null,
    user_id uuid not null,
    emoji text collate "C" not null,
    at timestamptz not null,
    foreign key (message_id, workspace_id) references messages (id, workspace_id) on delete cascade
);
create index reactions_by_age on reactions (message_id, emoji, at, user_id, workspace_id);
alter table reactions add primary key (message_id, user_id, emoji, workspace_id);

alter table reactions enable row level security;
alter table reactions force row level security;
create policy tenants on reactions using (
    case when workspace_id = any ((select parlour_owners())::uuid[]) then true else false end
);
create policy own_work on reactions to current_user using (current_setting('parlour.owners', true) = '*');
