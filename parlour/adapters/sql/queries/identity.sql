-- Users, sessions and tickets.

-- name: add_user
insert into users (id, username, username_key, username_skeleton, email, email_key, name, password_hash, avatar_url,
    status, state, is_admin, workspace_id, email_proven_at, created_at, updated_at, version)
values (:id, :username, :username_key, :username_skeleton, :email, :email_key, :name, :password_hash, :avatar_url,
    :status, :state, :is_admin, :workspace_id, :email_proven_at, :created_at, :updated_at, 1)
on conflict do nothing

-- name: taken
select username_key, username_skeleton, email_key from users
where username_key = :username_key or username_skeleton = :username_skeleton or email_key = :email_key
limit 1

-- name: user
select * from users where id = :id

-- name: user_held @sqlite
select * from users where id = :id

-- name: user_held @postgres
select * from users where id = :id for share

-- name: by_login
select * from users where username_key = :login or email_key = :login limit 1

-- name: save_user
update users set username = :username, username_key = :username_key, username_skeleton = :username_skeleton,
    email = :email, email_key = :email_key, name = :name, password_hash = :password_hash, avatar_url = :avatar_url,
    status = :status, state = :state, is_admin = :is_admin, workspace_id = :workspace_id, updated_at = :updated_at,
    email_proven_at = :email_proven_at, version = version + 1
where id = :id and version = :version

-- name: any_user
select 1 from users limit 1

-- pages: all_users (username_key, id)
select * from users where state <> 'deleted'

-- name: people @sqlite
select id, username, name, avatar_url from users where id in (select value from json_each(:ids))

-- name: people @postgres
select id, username, name, avatar_url from users where id = any(:ids)

-- name: called @sqlite
select username_key, id from users
where username_key in (select value from json_each(:names)) and state = 'active'

-- name: called @postgres
select username_key, id from users where username_key = any(:names) and state = 'active'

-- name: add_session @sqlite
insert into sessions (id, user_id, created_at, last_seen_at, expires_at, generation, rotated_at, workspace_id, address,
    agent, ended_at, version)
select :id, :user_id, :created_at, :last_seen_at, :expires_at, :generation, :rotated_at, :workspace_id, :address, :agent,
    :ended_at, 1
from users where id = :user_id and version = :user_version

-- Whoever changes the user waits until the session is there to be ended, or makes this come too late.
-- name: add_session @postgres
insert into sessions (id, user_id, created_at, last_seen_at, expires_at, generation, rotated_at, workspace_id, address,
    agent, ended_at, version)
select :id, :user_id, :created_at, :last_seen_at, :expires_at, :generation, :rotated_at, :workspace_id, :address, :agent,
    :ended_at, 1
from users where id = :user_id and version = :user_version for share

-- name: session
select * from sessions where id = :id

-- name: save_session
update sessions set last_seen_at = :last_seen_at, expires_at = :expires_at, generation = :generation,
    rotated_at = :rotated_at, workspace_id = :workspace_id, ended_at = :ended_at, version = version + 1
where id = :id and version = :version

-- name: open_sessions
select * from sessions where user_id = :user_id and ended_at is null and expires_at > :now order by created_at desc

-- name: leave_workspace_sessions
update sessions set workspace_id = null, version = version + 1
where user_id = :user_id and workspace_id = :workspace_id and ended_at is null

-- name: leave_workspace_user
update users set workspace_id = null, version = version + 1 where id = :user_id and workspace_id = :workspace_id

-- name: forget_sessions
delete from sessions where expires_at < :before or ended_at < :before

-- name: add_ticket
insert into tickets (digest, session_id, expires_at) values (:digest, :session_id, :expires_at)

-- name: take_ticket
delete from tickets where digest = :digest returning session_id, expires_at

-- name: forget_tickets
delete from tickets where expires_at < :before
