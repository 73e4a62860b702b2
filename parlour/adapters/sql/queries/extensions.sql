-- Extension data of users.

-- name: one
select * from user_extensions where user_id = :user_id

-- name: add
insert into user_extensions (user_id, data, created_at, updated_at, version)
values (:user_id, :data, :created_at, :updated_at, 1)
on conflict (user_id) do nothing

-- name: save
update user_extensions set data = :data, updated_at = :updated_at, version = version + 1
where user_id = :user_id and version = :version
