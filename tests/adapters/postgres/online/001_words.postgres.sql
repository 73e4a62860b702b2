-- online
-- How many letters a message has. Every fiftieth is looked back at, which is enough for a test.

alter table messages add column if not exists language text not null default 'en';
alter table messages add column if not exists letters integer;

-- in batches
update messages set letters = length(content) where (id, workspace_id) in (
    select id, workspace_id from messages where letters is null and number % 50 = 0 limit 10000
);

create index concurrently if not exists messages_by_letters on messages (workspace_id, letters);
