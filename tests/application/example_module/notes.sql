-- Notes to oneself.

-- name: add
insert into notes (user_id, number, text) values (:user_id, :number, :text)

-- name: of_user
select text, number from notes where user_id = :user_id order by number
