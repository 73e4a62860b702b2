"""The time, and new ids."""

import asyncio
from datetime import UTC, datetime, timedelta

from ...application.kernel.ports import Clock, Ids


class ClockContract:
    """`Clock`. Asks for `clock`."""

    def test_it_tells_the_present_in_utc(self, clock: Clock) -> None:
        before = datetime.now(UTC) - timedelta(minutes=1)
        now = clock.now()
        assert now.utcoffset() == timedelta(0)
        assert before < now < datetime.now(UTC) + timedelta(minutes=1)


class IdsContract:
    """`Ids`. Asks for `ids`."""

    def test_ids_are_of_version_7_and_grow(self, ids: Ids) -> None:
        made = [ids.new() for _ in range(20_000)]
        assert {i.version for i in made} == {7}
        assert made == sorted(made), "a later id sorts before an earlier one"
        assert [str(i) for i in made] == sorted(str(i) for i in made), "their texts sort otherwise"
        assert len(set(made)) == len(made)

    async def test_ids_made_in_threads_differ(self, ids: Ids) -> None:
        parts = await asyncio.gather(*(asyncio.to_thread(lambda: [ids.new() for _ in range(5_000)]) for _ in range(4)))
        assert len({i for part in parts for i in part}) == 20_000
        for part in parts:
            assert part == sorted(part)

    def test_secrets_are_long_and_never_the_same(self, ids: Ids) -> None:
        made = [ids.secret() for _ in range(1_000)]
        assert {len(s) for s in made} == {32}
        assert len(set(made)) == len(made)
