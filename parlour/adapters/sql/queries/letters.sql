-- Letters that wait to be written and sent.

-- name: add
insert into letters (id, name, data, due_at, until, tries) values (:id, :name, :data, :due_at, :until, :tries)

-- name: due
select * from letters where due_at <= :now order by due_at limit :most

-- name: again
update letters set due_at = :due_at, tries = tries + 1 where id = :id

-- name: done
delete from letters where id = :id
