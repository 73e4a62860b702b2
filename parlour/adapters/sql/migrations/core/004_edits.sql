-- What messages said before they were edited.

create table message_edits (
    workspace_id text not null,
    message_id text not null,
    version integer not null,
    content text not null,
    at text not null,
    primary key (message_id, version, workspace_id),
    foreign key (message_id, workspace_id) references messages (id, workspace_id) on delete cascade
) strict;
