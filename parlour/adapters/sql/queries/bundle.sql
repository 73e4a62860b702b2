-- The words of a bundle's queries: names of tables and columns are filled in from the list in bundle/tables.py.

-- name: first
select {columns} from {table} order by {key} limit :most

-- name: after
select {columns} from {table} where ({key}) > ({marks}) order by {key} limit :most

-- name: add
insert into {table} ({columns}) values ({values})

-- name: any
select 1 from {table} limit 1

-- name: clear
delete from {table}
