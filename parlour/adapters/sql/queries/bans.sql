-- Who is kept out of which room.

-- name: ban
insert into room_bans (workspace_id, room_id, user_id, banned_by, banned_at, until, reason)
values (:workspace_id, :room_id, :user_id, :banned_by, :banned_at, :until, :reason)
on conflict (workspace_id, room_id, user_id) do update
set banned_by = :banned_by, banned_at = :banned_at, until = :until, reason = :reason

-- name: bans_of @sqlite
select * from room_bans
where workspace_id = :workspace_id and room_id = :room_id and user_id in (select value from json_each(:user_ids))

-- name: bans_of @postgres
select * from room_bans
where workspace_id = :workspace_id and room_id = :room_id and user_id = any(:user_ids)

-- name: lift
delete from room_bans where workspace_id = :workspace_id and room_id = :room_id and user_id = :user_id

-- pages: bans (banned_at, user_id)
select * from room_bans
where workspace_id = :workspace_id and room_id = :room_id and (until is null or until > :now)
