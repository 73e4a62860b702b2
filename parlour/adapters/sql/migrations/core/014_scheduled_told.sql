-- Where, in the inbox of its author, the newest event stands that carries the words of a scheduled message.

alter table scheduled_messages add column told_offset integer;
