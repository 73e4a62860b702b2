"""Extension data of users."""

import asyncio

import pytest
from attrs import evolve

from ...domain.identity.extensions import UserExtensions
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import UserId
from .support import NOW, House, a_user, later

DATA = {"theme": "dark", "é 🏖️": [1, 2.5, None, True, {"": {}}], "nul": "a\0b", "big": 2**53}


async def _read(house: House, user_id: UserId) -> UserExtensions | None:
    async with house.store.snapshot() as snapshot:
        return await house.extensions(snapshot).get(user_id)


@pytest.mark.row("AD2")
class ExtensionsContract:
    """`Extensions`. Asks for `house`."""

    async def test_they_are_read_as_kept(self, house: House) -> None:
        kept = UserExtensions(a_user(), DATA, NOW, NOW)
        await house.done(lambda unit: house.extensions(unit).add(kept))
        assert await _read(house, kept.user_id) == kept
        assert await _read(house, a_user()) is None
        changed = evolve(kept, data={}, updated_at=later(5))
        await house.done(lambda unit: house.extensions(unit).save(changed))
        assert await _read(house, kept.user_id) == evolve(changed, version=2)

    async def test_of_racing_changes_one_wins(self, house: House) -> None:
        first = UserExtensions(a_user(), {}, NOW, NOW)

        async def add(n: int) -> None:
            await house.done(lambda unit: house.extensions(unit).add(evolve(first, data={"n": n})))

        async def save(n: int) -> None:
            await house.done(lambda unit: house.extensions(unit).save(evolve(first, data={"n": n})))

        for change in (add, save):
            answers = await asyncio.gather(*(change(n) for n in range(5)), return_exceptions=True)
            assert sum(isinstance(a, Raced) for a in answers) == 4
            found = await _read(house, first.user_id)
            assert found is not None
            assert found.data == {"n": answers.index(None)}
