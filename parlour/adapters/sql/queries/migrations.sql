-- What has been migrated.

-- name: make_table @sqlite
create table if not exists migrations (
    module text not null, number integer not null, name text not null, hash text not null, applied_at text not null,
    primary key (module, number)
) strict

-- name: make_table @postgres
create table if not exists migrations (
    module text not null, number integer not null, name text not null, hash text not null, applied_at timestamptz not null,
    primary key (module, number)
)

-- name: applied
select number, name, hash from migrations where module = :module

-- name: add
insert into migrations (module, number, name, hash, applied_at) values (:module, :number, :name, :hash, :now)
