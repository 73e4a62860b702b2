-- The same in one transaction: everybody waits until it is over, however fast the machine is.

alter table messages add column letters integer;
update messages set letters = length(content) where number % 50 = 0;
create index messages_by_letters on messages (workspace_id, letters);
select pg_sleep(1);
