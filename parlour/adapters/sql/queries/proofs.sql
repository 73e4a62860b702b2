-- Proofs that an address is one's own.

-- name: add
insert into proofs (id, user_id, purpose, digest, email_key, created_at, expires_at, used_at)
values (:id, :user_id, :purpose, :digest, :email_key, :created_at, :expires_at, :used_at)
on conflict (id) do nothing

-- name: good
select 1 from proofs where digest = :digest and purpose = :purpose and used_at is null and expires_at > :now

-- name: take
update proofs set used_at = :now
where digest = :digest and purpose = :purpose and used_at is null and expires_at > :now
returning *

-- name: end_others
update proofs set used_at = :now where user_id = :user_id and purpose = :purpose and used_at is null and id <> :id

-- name: forget
delete from proofs where expires_at < :before
