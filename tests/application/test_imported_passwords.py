"""Passwords that were hashed elsewhere, or long ago: whoever signs in has a hash of today afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import evolve

import parlour
from parlour.adapters.security.passwords import Argon2Passwords
from parlour.application.kernel.actor import STRANGER
from parlour.application.kernel.ports import Passwords
from parlour.config.features import CORE
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.identity.ports import Users
from parlour.domain.identity.user import User, UserState
from parlour.domain.kernel.errors import DomainError
from parlour.testing.contracts.security import BCRYPT, CHEAP, LONG, LONG_BCRYPT

pytestmark = pytest.mark.row("ID1")

PASSWORD = "correct horse"
OLD = {**BCRYPT, "cheap": CHEAP}


class House:
    """An instance with one account, whose hash can be looked at and replaced."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.chat = instance, instance.chat
        scoped: Any = instance.ports.find(Users)
        self._users = scoped.make

    async def user(self) -> User:
        async with self.instance.store.snapshot() as snapshot:
            found: User = await self._users(snapshot).by_login("ann")
        return found

    async def put(self, **changes: Any) -> User:
        unit = self.instance.store.unit()
        async with unit:
            users = self._users(unit)
            await users.save(evolve(await users.by_login("ann"), **changes))
        await unit.commit()
        return await self.user()

    async def sign_in(self, password: str = PASSWORD) -> Any:
        return await self.chat.execute(parlour.SignIn("ann", password=password), STRANGER)


@asynccontextmanager
async def _house() -> AsyncIterator[House]:
    plan = plan_of(Settings(database_url="sqlite://", feature_flags=""))
    passwords = Argon2Passwords(passes=1, memory_kib=8_192)
    instance = Instance(evolve(plan, modules=CORE, given={Passwords: passwords}))
    try:
        await instance.open()
        await instance.chat.execute(parlour.SignUp("ann", "ann@example.org", PASSWORD), STRANGER)
        yield House(instance)
    finally:
        await instance.stop()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with _house() as house:
        yield house


@pytest.mark.parametrize("hashed", OLD.values(), ids=OLD)
async def test_an_old_hash_lets_in_and_is_made_anew(house: House, hashed: str) -> None:
    before = await house.put(password_hash=hashed)
    tokens = await house.sign_in()
    after = await house.user()
    assert after.password_hash.startswith("$argon2id$")
    assert after == evolve(before, password_hash=after.password_hash, version=before.version + 1)
    mine = await house.chat.execute(parlour.ListSessions(), parlour.Actor(after.id, tokens.session_id))
    assert tokens.session_id in {s.id for s in mine}
    await house.sign_in()
    assert await house.user() == after, "a hash of today is left alone"


@pytest.mark.parametrize("hashed", OLD.values(), ids=OLD)
async def test_a_wrong_password_changes_nothing(house: House, hashed: str) -> None:
    before = await house.put(password_hash=hashed)
    with pytest.raises(DomainError, match="wrong"):
        await house.sign_in("incorrect horse")
    assert await house.user() == before


async def test_whoever_is_suspended_is_refused_and_keeps_the_hash(house: House) -> None:
    before = await house.put(password_hash=BCRYPT["2b"], state=UserState.SUSPENDED)
    with pytest.raises(DomainError, match="suspended"):
        await house.sign_in()
    assert await house.user() == before


async def test_of_a_long_password_what_bcrypt_looked_at_is_enough(house: House) -> None:
    await house.put(password_hash=LONG_BCRYPT)
    await house.sign_in(LONG + " and more")
    await house.sign_in(LONG + " and more")
    with pytest.raises(DomainError, match="wrong"):
        await house.sign_in(LONG)


async def test_who_signs_in_twice_at_once_comes_in_twice(house: House) -> None:
    await house.put(password_hash=BCRYPT["2y"])
    tokens = await asyncio.gather(*(house.sign_in() for _ in range(4)))
    assert len({t.session_id for t in tokens}) == 4
    await house.sign_in()


async def test_the_hash_and_the_session_stand_or_fall_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await house.put(password_hash=BCRYPT["2a"])

    async def broken(*_: Any) -> None:
        raise RuntimeError("the session cannot be kept")

    with monkeypatch.context() as patch:
        patch.setattr("parlour.adapters.sql.identity.SqlSessions.add", broken)
        with pytest.raises(RuntimeError):
            await house.sign_in()
    assert await house.user() == before
    await house.sign_in()
    assert await house.user() != before
