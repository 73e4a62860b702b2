"""Presence: who is connected, what they chose, and when they were last seen."""

import asyncio
from datetime import timedelta

import pytest

from ...application.kernel.uow import Work
from ...application.presence.store import PresenceStore
from ...domain.kernel.ids import UserId
from ...domain.presence.presence import Availability, Presence
from ...domain.workspaces.workspace import WorkspaceMember
from .people import a_workspace, member_of
from .support import NOW, House, a_user

MINUTE = timedelta(minutes=1)


class PresenceStoreContract:
    """`PresenceStore`. Asks for `presence_store`, and uses users of its own."""

    async def test_somebody_is_connected_until_the_last_connection_ends(self, presence_store: PresenceStore) -> None:
        one, other = a_user(), a_user()
        assert await presence_store.came(one, "a")
        assert not await presence_store.came(one, "b")
        assert await presence_store.connected([one, other]) == {one}
        assert not await presence_store.went(one, "a")
        assert await presence_store.connected([one, other]) == {one}
        assert await presence_store.went(one, "b")
        assert await presence_store.connected([one, other]) == set()

    async def test_what_is_said_twice_counts_once(self, presence_store: PresenceStore) -> None:
        one = a_user()
        await presence_store.came(one, "a")
        await presence_store.came(one, "a")
        assert await presence_store.went(one, "a")
        assert not await presence_store.went(one, "a")
        assert not await presence_store.went(one, "never there")
        assert await presence_store.came(one, "a")
        await presence_store.went(one, "a")

    async def test_of_racing_connections_one_is_the_first_and_one_the_last(self, presence_store: PresenceStore) -> None:
        one = a_user()
        names = [f"{n}" for n in range(20)]
        assert sum(await asyncio.gather(*(presence_store.came(one, n) for n in names))) == 1
        assert sum(await asyncio.gather(*(presence_store.went(one, n) for n in names))) == 1

    async def test_nobody_asked_for_is_nobody(self, presence_store: PresenceStore) -> None:
        assert await presence_store.connected([]) == set()


@pytest.mark.row("RT8")
class PresencesContract:
    """`Presences`. Asks for `house`."""

    async def of(self, house: House, user_id: UserId) -> Presence | None:
        async with house.store.snapshot() as snapshot:
            return (await house.presences(snapshot).of([user_id])).get(user_id)

    async def choose(self, house: House, presence: Presence) -> bool:
        async def work(unit: Work) -> bool:
            return await house.presences(unit).choose(presence)

        return await house.done(work)

    async def saw(self, house: House, user_id: UserId, minutes: int) -> bool:
        at = NOW + minutes * MINUTE

        async def work(unit: Work) -> bool:
            return await house.presences(unit).saw(user_id, at, at - 5 * MINUTE)

        return await house.done(work)

    async def add(self, house: House, member: WorkspaceMember) -> None:
        await house.done(lambda unit: house.workspaces(unit).add_member(member))

    async def test_a_choice_is_kept_and_what_was_kept_already_is_no_change(self, house: House) -> None:
        me = a_user()
        assert await self.of(house, me) is None
        away = Presence(me, Availability.AWAY, NOW + MINUTE)
        assert await self.choose(house, away)
        assert not await self.choose(house, away)
        assert await self.of(house, me) == away
        for other in (Presence(me, Availability.AWAY, NOW + 2 * MINUTE), Presence(me, Availability.AWAY), Presence(me)):
            assert await self.choose(house, other)
            assert await self.of(house, me) == other

    async def test_a_choice_ends_when_its_time_has_come(self, house: House) -> None:
        me = a_user()
        for presence, ended in (
            (Presence(me, Availability.AWAY, NOW + MINUTE), False),
            (Presence(me, Availability.AWAY), False),
            (Presence(me, Availability.INVISIBLE, NOW), True),
        ):
            await self.choose(house, presence)
            assert await house.done(lambda unit: house.presences(unit).end(me, NOW)) is ended
            assert await self.of(house, me) == (Presence(me) if ended else presence)

    async def test_when_somebody_was_seen_is_written_sparingly_and_beside_the_choice(self, house: House) -> None:
        me = a_user()
        assert [await self.saw(house, me, minute) for minute in (0, 4, 5, 6)] == [True, False, True, False]
        assert await self.of(house, me) == Presence(me, last_seen_at=NOW + 5 * MINUTE)
        await self.choose(house, Presence(me, Availability.AWAY))
        assert await self.of(house, me) == Presence(me, Availability.AWAY, None, NOW + 5 * MINUTE)
        assert await self.saw(house, me, 20)
        assert await self.of(house, me) == Presence(me, Availability.AWAY, None, NOW + 20 * MINUTE)

    async def test_of_racing_choices_one_stays(self, house: House) -> None:
        me = a_user()
        made = [Presence(me, state) for state in Availability]
        assert any(await asyncio.gather(*(self.choose(house, p) for p in made)))
        assert await self.of(house, me) in made

    async def test_who_is_in_no_workspace_with_somebody_is_not_known_to_them(self, house: House) -> None:
        workspace, other = await a_workspace(house), await a_workspace(house)
        me, colleague, stranger = a_user(), a_user(), a_user()
        for where, who in ((workspace, me), (workspace, colleague), (other, colleague), (other, stranger)):
            await self.add(house, member_of(where, who))
        asked = [colleague, stranger, a_user()]
        async with house.store.snapshot() as snapshot:
            presences = house.presences(snapshot)
            assert await presences.known_to(me, asked) == [colleague]
            assert await presences.known_to(colleague, [me, stranger, me]) in (
                [me, stranger], [stranger, me],
            )  # fmt: skip
            assert await presences.known_to(stranger, []) == []
