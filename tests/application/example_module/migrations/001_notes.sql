create table notes (
    user_id text not null,
    number integer not null,
    text text not null,
    primary key (user_id, number)
) strict;
