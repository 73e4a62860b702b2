-- Which token made a token, and by which one a message was scheduled: what it makes ends with it.

alter table access_tokens add column made_by text;
alter table scheduled_messages add column token_id text;
