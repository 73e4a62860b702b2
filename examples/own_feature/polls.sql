-- The queries of the feature, for both engines.

-- name: add
insert into polls (id, workspace_id, room_id, question, asked_by, asked_at)
values (:id, :workspace_id, :room_id, :question, :asked_by, :asked_at)

-- name: poll
select id, room_id, question, asked_by, asked_at from polls where id = :id

-- name: vote
insert into poll_votes (poll_id, user_id, choice) values (:poll_id, :user_id, :choice)
on conflict (poll_id, user_id) do update set choice = :choice

-- name: votes
select choice, count(*) as votes from poll_votes where poll_id = :poll_id group by choice order by choice
