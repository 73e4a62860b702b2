"""Users, sessions, tickets and people."""

import asyncio
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...domain.identity.user import Status, User, UserState
from ...domain.kernel.errors import Conflict, Raced
from ...domain.kernel.ids import UserId, WorkspaceId
from .people import session_of, user_called
from .support import NOW, House, later


async def _added(house: House, *users: User) -> None:
    async def work(unit: Work) -> None:
        for user in users:
            await house.users(unit).add(user)

    await house.done(work)


async def _read(house: House, user_id: UserId) -> User | None:
    async with house.store.snapshot() as snapshot:
        return await house.users(snapshot).get(user_id)


class UsersContract:
    """`Users` and `UserReader`. Asks for `house`."""

    @pytest.mark.row("ID1")
    async def test_a_user_is_read_as_kept(self, house: House) -> None:
        status = Status("away 🏖️", None, later(60))
        user = evolve(user_called("Ada.Løvelace"), status=status, is_admin=True, workspace_id=WorkspaceId(uuid4()))
        async with house.store.snapshot() as snapshot:
            assert not await house.users(snapshot).any()
        await _added(house, user)
        assert await _read(house, user.id) == user
        async with house.store.snapshot() as snapshot:
            users = house.users(snapshot)
            assert await users.any()
            assert await users.by_login(user.username_key) == user
            assert await users.by_login(user.email_key) == user
            assert await users.by_login("nobody") is None
            assert await users.get(UserId(uuid4())) is None

    @pytest.mark.row("ID1")
    @pytest.mark.parametrize(
        "username, email, code",
        [
            ("ADA", "another@example.org", "username_taken"),
            ("аda", "another@example.org", "username_taken"),
            ("bea", "ADA@example.org", "email_taken"),
        ],
    )
    async def test_what_is_taken_is_refused(self, house: House, username: str, email: str, code: str) -> None:
        await _added(house, user_called("ada"))
        with pytest.raises(Conflict) as caught:
            await _added(house, user_called(username, email))
        assert caught.value.code == code

    @pytest.mark.row("ID1")
    async def test_of_racing_sign_ups_one_gets_the_name(self, house: House) -> None:
        racing = [user_called("ada", f"ada{n}@example.org") for n in range(10)]
        answers = await asyncio.gather(*(_added(house, user) for user in racing), return_exceptions=True)
        assert [type(a) for a in answers].count(Conflict) == 9
        assert answers.count(None) == 1
        assert await _read(house, racing[answers.index(None)].id) is not None

    async def test_of_racing_changes_one_wins(self, house: House) -> None:
        user = user_called("ada")
        await _added(house, user)

        async def rename(name: str) -> User:
            return await house.done(lambda unit: house.users(unit).save(user.renamed(name, NOW)))

        answers = await asyncio.gather(*(rename(f"Ada {n}") for n in range(5)), return_exceptions=True)
        (won,) = [a for a in answers if isinstance(a, User)]
        assert sum(isinstance(a, Raced) for a in answers) == 4
        assert await _read(house, user.id) == won
        assert won.version == user.version + 1

    async def test_a_suspended_user_is_kept_so(self, house: House) -> None:
        user = user_called("ada")
        await _added(house, user)
        await house.done(lambda unit: house.users(unit).save(user.with_state(UserState.SUSPENDED, NOW)))
        found = await _read(house, user.id)
        assert found is not None
        assert found.state is UserState.SUSPENDED

    async def test_all_users_by_name_in_pages(self, house: House) -> None:
        await _added(house, *(user_called(name) for name in ("dora", "Bea", "ada", "cleo", "eve")))
        names, cursor = list[str](), None
        async with house.store.snapshot() as snapshot:
            while True:
                page = await house.user_reader(snapshot).all_users(cursor, 2)
                names += [u.username for u in page.items]
                if (cursor := page.next) is None:
                    break
        assert names == ["ada", "Bea", "cleo", "dora", "eve"]


class PeopleContract:
    """`People` of parlour's own users. Asks for `house`."""

    async def test_names_in_one_batch(self, house: House) -> None:
        ada, bea = user_called("ada"), evolve(user_called("bea"), name="Bea B.", avatar_url="https://example.org/b.png")
        await _added(house, ada, bea)
        async with house.store.snapshot() as snapshot:
            people = house.people(snapshot)
            found = await people.named([ada.id, UserId(uuid4()), bea.id, ada.id])
            assert await people.named([]) == {}
        assert set(found) == {ada.id, bea.id}
        assert (found[bea.id].username, found[bea.id].name, found[bea.id].avatar_url) == (
            "bea",
            "Bea B.",
            bea.avatar_url,
        )


@pytest.mark.row("ID2")
class SessionsContract:
    """`Sessions`, at the time `NOW`. Asks for `house`."""

    async def test_the_open_sessions_of_a_user_newest_first(self, house: House) -> None:
        user, other = user_called("ada"), user_called("bea")
        old, new = session_of(user, created_at=later(-60)), session_of(user, created_at=later(-30))
        over, ended = session_of(user, expires_at=NOW), session_of(user).ended(NOW)
        await _added(house, user, other)

        async def work(unit: Work) -> None:
            for session in (old, new, over, ended):
                await house.sessions(unit).add(session, user.version)
            await house.sessions(unit).add(session_of(other), other.version)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            assert await house.sessions(snapshot).open_of(user.id) == [new, old]
            assert await house.sessions(snapshot).get(ended.id) == ended

    async def test_no_session_begins_for_a_user_who_has_changed(self, house: House) -> None:
        user = user_called("ada")
        await _added(house, user)
        session = session_of(user)
        await house.done(lambda unit: house.users(unit).save(user.with_state(UserState.SUSPENDED, NOW)))
        with pytest.raises(Raced):
            await house.done(lambda unit: house.sessions(unit).add(session, user.version))
        async with house.store.snapshot() as snapshot:
            assert await house.sessions(snapshot).get(session.id) is None

    async def test_of_racing_renewals_one_wins(self, house: House) -> None:
        user = user_called("ada")
        session = session_of(user)
        await _added(house, user)
        await house.done(lambda unit: house.sessions(unit).add(session, user.version))

        async def rotate() -> object:
            return await house.done(lambda unit: house.sessions(unit).save(session.rotated(NOW)))

        answers = await asyncio.gather(*(rotate() for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(a, Raced) for a in answers) == 4
        async with house.store.snapshot() as snapshot:
            found = await house.sessions(snapshot).get(session.id)
        assert found in answers
        assert found is not None
        assert found.generation == 2

    async def test_what_is_long_over_is_forgotten(self, house: House) -> None:
        user = user_called("ada")
        over, ended, open_ = (
            session_of(user, expires_at=later(-60)),
            session_of(user).ended(later(-60)),
            session_of(user),
        )
        await _added(house, user)

        async def work(unit: Work) -> int:
            for session in (over, ended, open_):
                await house.sessions(unit).add(session, user.version)
            return await house.sessions(unit).forget_expired(NOW)

        assert await house.done(work) == 2
        async with house.store.snapshot() as snapshot:
            sessions = house.sessions(snapshot)
            assert [await sessions.get(s.id) for s in (over, ended, open_)] == [None, None, open_]

    async def test_a_lost_workspace_is_left_by_all_sessions(self, house: House) -> None:
        lost, other = WorkspaceId(uuid4()), WorkspaceId(uuid4())
        user = evolve(user_called("ada"), workspace_id=lost)
        here, there = session_of(user).in_workspace(lost), session_of(user).in_workspace(other)
        await _added(house, user)

        async def work(unit: Work) -> None:
            for session in (here, there):
                await house.sessions(unit).add(session, user.version)
            await house.sessions(unit).leave_workspace(lost, user.id)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            found = [await house.sessions(snapshot).get(s.id) for s in (here, there)]
            changed = await house.users(snapshot).get(user.id)
        assert [s.workspace_id if s else "gone" for s in found] == [None, other]
        assert changed is not None
        assert changed.workspace_id is None


class TicketsContract:
    """`Tickets`. Asks for `house`."""

    @pytest.mark.row("RT1")
    async def test_of_racing_takers_one_gets_the_session(self, house: House) -> None:
        session = session_of(user_called("ada"))
        await house.done(lambda unit: house.tickets(unit).add(b"digest", session.id, later(10)))
        taken = await asyncio.gather(
            *(house.done(lambda unit: house.tickets(unit).take(b"digest", NOW)) for _ in range(10))
        )
        assert taken.count(session.id) == 1
        assert taken.count(None) == 9

    async def test_one_that_is_over_is_worth_nothing(self, house: House) -> None:
        session = session_of(user_called("ada"))
        await house.done(lambda unit: house.tickets(unit).add(b"digest", session.id, NOW))
        assert await house.done(lambda unit: house.tickets(unit).take(b"digest", NOW)) is None
        assert await house.done(lambda unit: house.tickets(unit).take(b"another", NOW)) is None

    async def test_what_is_over_is_forgotten(self, house: House) -> None:
        session = session_of(user_called("ada"))
        await house.done(lambda unit: house.tickets(unit).add(b"old", session.id, later(-10)))
        await house.done(lambda unit: house.tickets(unit).add(b"new", session.id, later(10)))
        assert await house.done(lambda unit: house.tickets(unit).forget_expired(NOW)) == 1
        assert await house.done(lambda unit: house.tickets(unit).take(b"new", NOW)) == session.id
