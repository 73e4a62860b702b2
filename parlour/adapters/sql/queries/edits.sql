-- What messages said before.

-- name: add
insert into message_edits (workspace_id, message_id, version, content, at)
select :workspace_id, :message_id, coalesce(max(version), 0) + 1, :content, :at
from message_edits where workspace_id = :workspace_id and message_id = :message_id

-- name: clear
delete from message_edits where workspace_id = :workspace_id and message_id = :message_id

-- pages: edits (version)
select version, content, at from message_edits where workspace_id = :workspace_id and message_id = :message_id
