-- What messages said before they were edited.

create table message_edits (
    workspace_id uuid not null,
    message_id uuid not null,
    version bigint not null,
    content text not null,
    at timestamptz not null,
    primary key (message_id, version, workspace_id),
    foreign key (message_id, workspace_id) references messages (id, workspace_id) on delete cascade
);

alter table message_edits enable row level security;
alter table message_edits force row level security;
create policy tenants on message_edits using (
    case when workspace_id = any ((select parlour_owners())::uuid[]) then true else false end
);
create policy own_work on message_edits to current_user using (current_setting('parlour.owners', true) = '*');
