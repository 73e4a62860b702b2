-- Reactions to messages. How many reacted with what stands in the message too, as JSON: [["👍", 3], …].

alter table messages add column reactions text;

create table reactions (
    workspace_id text not null,
    message_id text not null,
    user_id text not null,
    emoji text not null,
    at text not null,
    primary key (message_id, user_id, emoji, workspace_id),
    foreign key (message_id, workspace_id) references messages (id, workspace_id) on delete cascade
) strict;
create index reactions_by_age on reactions (message_id, emoji, at, user_id, workspace_id);
