-- What messages are beside their words: threads, mentions, quotes, and the words of others.
-- `besides` is JSON, and null for most. In `mentions` the id of zeros stands for everybody in the room.

alter table messages add column reply_to text;
alter table messages add column replies integer not null default 0;
alter table messages add column last_reply_at text;
alter table messages add column besides text;

create table mentions (
    workspace_id text not null,
    user_id text not null,
    room_id text not null,
    number integer not null,
    author_id text not null,
    primary key (workspace_id, user_id, room_id, number),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict, without rowid;

-- Who follows a thread, by the number of its first message; or says that they do not.
create table thread_followers (
    workspace_id text not null,
    user_id text not null,
    room_id text not null,
    number integer not null,
    following integer not null,
    primary key (workspace_id, user_id, room_id, number),
    foreign key (workspace_id, room_id) references rooms (workspace_id, id)
) strict, without rowid;
