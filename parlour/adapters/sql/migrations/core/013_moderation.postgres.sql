-- What rooms are about, the passwords of channels, members who are muted, and who is kept out, until a time or for good.

alter table rooms add column topic text;
alter table rooms add column password_hash text;

alter table room_members add column muted boolean not null default false;
alter table room_members add column muted_until timestamptz;

-- The mutes of members who went, for their return.
create table room_mutes (
    workspace_id uuid not null,
    room_id uuid not null,
    user_id uuid not null,
    until timestamptz,
    primary key (workspace_id, room_id, user_id),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);

create table room_bans (
    workspace_id uuid not null,
    room_id uuid not null,
    user_id uuid not null,
    banned_by uuid not null,
    banned_at timestamptz not null,
    until timestamptz,
    reason text,
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
);
create index room_bans_by_age on room_bans (workspace_id, room_id, banned_at, user_id);
alter table room_bans add primary key (workspace_id, room_id, user_id);  -- last, as for room_members

-- Whoever blocks owns the block, in all workspaces.
create table blocks (
    owner_id uuid not null,
    blocked_id uuid not null,
    blocked_at timestamptz not null
);
create index blocks_by_age on blocks (owner_id, blocked_at, blocked_id);
alter table blocks add primary key (owner_id, blocked_id);  -- last, as for room_members

do $$
declare
    walled text;
begin
    foreach walled in array array['room_mutes', 'room_bans', 'blocks'] loop
        execute format('alter table %I enable row level security', walled);
        execute format('alter table %I force row level security', walled);
        execute format(
            'create policy tenants on %I using ('
            'case when %s = any ((select parlour_owners())::uuid[]) then true else false end)',
            walled, case walled when 'blocks' then 'owner_id' else 'workspace_id' end
        );
        execute format(
            'create policy own_work on %I to current_user using (current_setting(''parlour.owners'', true) = ''*'')', walled
        );
    end loop;
end
$$;
