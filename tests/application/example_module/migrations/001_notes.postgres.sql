create table notes (
    user_id uuid not null,
    number bigint not null,
    text text not null,
    primary key (user_id, number)
);
