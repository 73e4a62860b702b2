"""Units of work that are at the same thing at the same time: what one decides holds until it has ended."""

import asyncio
from contextlib import suppress
from functools import partial

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...domain.identity.session import Session
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, SessionId, UserId
from ...domain.rooms.room import RoomMember, RoomRole
from .people import a_room, a_workspace, invitation_to, member_of, session_of, user_called
from .support import NOW, House, a_user, outcome

HEAD_START = 0.3
"""Seconds in which another unit comes to its end, unless it waits for this one. Being slower hides a fault, never makes one."""


async def given_a_start(other: "asyncio.Task[object]") -> bool:
    """Let another unit go first, if it can; whether it waits."""
    await asyncio.wait([other], timeout=HEAD_START)
    return not other.done()


class RacesContract:
    """What repositories hold until a unit has ended. Asks for `house`."""

    @pytest.mark.row("ID5")
    async def test_one_of_several_first_users_is_the_first(self, house: House) -> None:
        asked, all_asked = [0], asyncio.Event()

        async def work(number: int, unit: Work) -> bool:
            first = not await house.users(unit).any()
            asked[0] += 1
            if asked[0] == 4:
                all_asked.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(HEAD_START if first else 0):
                    await all_asked.wait()
            await house.users(unit).add(user_called(f"person{number}"))
            return first

        firsts = await asyncio.gather(*(house.done(partial(work, n)) for n in range(4)))
        assert sorted(firsts) == [False, False, False, True]

    @pytest.mark.row("ID5")
    async def test_a_user_who_is_held_stays_as_they_are(self, house: House) -> None:
        user = evolve(user_called("ada"), is_admin=True)
        await house.done(lambda unit: house.users(unit).add(user))

        async def work(unit: Work) -> "asyncio.Task[object]":
            assert await house.users(unit).held(user.id) == user
            dismissed = evolve(user, is_admin=False)
            other = asyncio.create_task(house.done(lambda unit: house.users(unit).save(dismissed)))
            assert await given_a_start(other), "a user was changed while they were held"
            assert await house.users(unit).get(user.id) == user
            return other

        assert await outcome(await house.done(work)) == evolve(user, is_admin=False, version=2)

    @pytest.mark.row("ID4")
    async def test_a_session_of_a_user_who_is_being_changed_comes_too_late(self, house: House) -> None:
        user = user_called("ada")
        await house.done(lambda unit: house.users(unit).add(user))

        async def work(unit: Work) -> "asyncio.Task[object]":
            await house.users(unit).save(evolve(user, name="Another"))
            session = house.done(lambda unit: house.sessions(unit).add(session_of(user), user.version))
            other: asyncio.Task[object] = asyncio.create_task(session)
            assert await given_a_start(other), "a session began by what is over"
            return other

        assert isinstance(await outcome(await house.done(work)), Raced)

    @pytest.mark.row("ID4")
    async def test_who_changes_a_user_finds_the_session_that_is_just_beginning(self, house: House) -> None:
        user = user_called("ada")
        await house.done(lambda unit: house.users(unit).add(user))
        session = session_of(user)

        async def changed(unit: Work) -> list[SessionId]:
            await house.users(unit).save(evolve(user, name="Another"))
            found: list[Session] = await house.sessions(unit).open_of(user.id)
            return [s.id for s in found]

        async def work(unit: Work) -> "asyncio.Task[object]":
            await house.sessions(unit).add(session, user.version)
            other: asyncio.Task[object] = asyncio.create_task(house.done(changed))
            await given_a_start(other)
            return other

        assert await outcome(await house.done(work)) == [session.id]

    @pytest.mark.row("WS2")
    async def test_nobody_comes_into_a_workspace_that_is_being_deleted(self, house: House) -> None:
        workspace, user = await a_workspace(house), a_user()

        async def work(unit: Work) -> "asyncio.Task[object]":
            await house.workspaces(unit).save(workspace.deleted(NOW))
            entering = house.done(lambda unit: house.workspaces(unit).add_member(member_of(workspace, user)))
            other: asyncio.Task[object] = asyncio.create_task(entering)
            assert await given_a_start(other), "somebody came into a workspace that is gone"
            return other

        assert isinstance(await outcome(await house.done(work)), Raced)

    @pytest.mark.row("WS2")
    async def test_who_deletes_a_workspace_finds_whoever_is_just_coming_in(self, house: House) -> None:
        workspace, user = await a_workspace(house), a_user()

        async def deleted(unit: Work) -> list[UserId]:
            await house.workspaces(unit).save(workspace.deleted(NOW))
            return await house.workspaces(unit).member_ids(workspace.id)

        async def work(unit: Work) -> "asyncio.Task[object]":
            await house.workspaces(unit).add_member(member_of(workspace, user))
            other: asyncio.Task[object] = asyncio.create_task(house.done(deleted))
            await given_a_start(other)
            return other

        found = await outcome(await house.done(work))
        assert isinstance(found, list)
        assert set(found) == {workspace.owner_id, user}

    @pytest.mark.row("WS2")
    async def test_who_removes_a_member_finds_the_room_they_are_just_given(self, house: House) -> None:
        workspace, user = await a_workspace(house), a_user()
        room = await a_room(house, workspace)
        await house.done(lambda unit: house.workspaces(unit).add_member(member_of(workspace, user)))

        async def removed(unit: Work) -> list[RoomId]:
            await house.workspaces(unit).remove_member(workspace.id, user)
            return [r.id for r in await house.rooms(unit).of_member(workspace.id, user)]

        async def work(unit: Work) -> "asyncio.Task[object]":
            await house.rooms(unit).add_member(RoomMember(workspace.id, room.id, user, RoomRole.MEMBER, NOW))
            other: asyncio.Task[object] = asyncio.create_task(house.done(removed))
            await given_a_start(other)
            return other

        assert await outcome(await house.done(work)) == [room.id]

    @pytest.mark.row("WS3")
    async def test_who_removes_a_member_finds_the_invitation_they_are_just_making(self, house: House) -> None:
        workspace = await a_workspace(house)

        async def removed(unit: Work) -> int:
            await house.workspaces(unit).remove_member(workspace.id, workspace.owner_id)
            return await house.invitations(unit).revoke_of(workspace.id, workspace.owner_id, NOW)

        async def work(unit: Work) -> "asyncio.Task[object]":
            await house.invitations(unit).add(invitation_to(workspace))
            other: asyncio.Task[object] = asyncio.create_task(house.done(removed))
            await given_a_start(other)
            return other

        assert await outcome(await house.done(work)) == 1
