-- A stream of 20,000 events that are 100 days old and ten of today, among 200 others that are quiet; all were handed on.

insert into log (owner_id, topic, stream_offset, id, tag, revision, at, data, published)
select cast('00000001-0000-4000-8000-000000000003' as uuid), 'user:00000001-0000-4000-8000-000000000003', n,
    gen_random_uuid(), 'contract_noted', 2,
    timestamptz '2026-03-01T12:00:00Z' - case when n <= 20000 then interval '100 days' else interval '0' end,
    '{"text":"said","loud":false}', true
from generate_series(1, 20010) as n
union all
select id, 'user:' || id, 1, gen_random_uuid(), 'contract_noted', 2, timestamptz '2025-01-01T00:00:00Z',
    '{"text":"said","loud":false}', true
from (select cast(lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000003' as uuid) as id from generate_series(2, 201) as n) q;

insert into streams (owner_id, topic, epoch, head, head_id, floor, number, access_version)
select owner_id, topic, 'e', max(stream_offset), (array_agg(id order by stream_offset desc))[1], 1, 0, 1
from log group by owner_id, topic;
