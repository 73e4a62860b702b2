"""Workspaces and their members."""

import asyncio
from functools import partial
from uuid import uuid4

import pytest

from ...application.kernel.uow import Work
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import UserId, WorkspaceId
from ...domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole
from .people import a_workspace, member_of
from .support import NOW, House, a_user, later


@pytest.mark.row("WS1")
class WorkspacesContract:
    """`Workspaces`, `WorkspaceStandings` and `WorkspaceReader`. Asks for `house`."""

    async def test_a_workspace_is_read_as_kept_until_it_is_deleted(self, house: House) -> None:
        workspace = await a_workspace(house, "Ünïcode & Söhne")
        async with house.store.snapshot() as snapshot:
            assert await house.workspaces(snapshot).get(workspace.id) == workspace
            assert await house.workspaces(snapshot).get(WorkspaceId(uuid4())) is None
        saved = await house.done(lambda unit: house.workspaces(unit).save(workspace.deleted(NOW)))
        assert saved.version == 2
        async with house.store.snapshot() as snapshot:
            assert await house.workspaces(snapshot).get(workspace.id) is None
            assert await house.workspace_standings(snapshot).standing(workspace.id, workspace.owner_id) is None
            assert (await house.workspace_reader(snapshot).workspaces_of(workspace.owner_id, None, 9)).items == []

    async def test_of_racing_changes_one_wins(self, house: House) -> None:
        workspace = await a_workspace(house)

        async def rename(name: str) -> Workspace:
            return await house.done(lambda unit: house.workspaces(unit).save(workspace.renamed(name, name)))

        answers = await asyncio.gather(*(rename(f"name {n}") for n in range(5)), return_exceptions=True)
        assert sum(isinstance(a, Raced) for a in answers) == 4
        async with house.store.snapshot() as snapshot:
            assert await house.workspaces(snapshot).get(workspace.id) in answers

    @pytest.mark.row("WS2")
    async def test_of_racing_joins_one_counts(self, house: House) -> None:
        workspace, user = await a_workspace(house), a_user()
        joins = (
            house.done(lambda unit: house.workspaces(unit).add_member(member_of(workspace, user))) for _ in range(5)
        )
        assert sorted(await asyncio.gather(*joins)) == [False] * 4 + [True]

    @pytest.mark.row("WS2")
    async def test_members_come_change_and_go(self, house: House) -> None:
        workspace, user = await a_workspace(house), a_user()
        member = member_of(workspace, user, later(1))

        async def work(unit: Work) -> None:
            workspaces = house.workspaces(unit)
            assert await workspaces.add_member(member)
            admin = await workspaces.save_member(member.with_role(WorkspaceRole.ADMIN))
            assert not await workspaces.add_member(member), "a member who is there stays as they are"
            assert await workspaces.member(workspace.id, user) == admin
            assert await workspaces.member_ids(workspace.id) == [workspace.owner_id, user]
            with pytest.raises(Raced):
                await workspaces.save_member(member)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            found = await house.workspace_standings(snapshot).standing(workspace.id, user)
            stranger = await house.workspace_standings(snapshot).standing(workspace.id, a_user())
        assert found is not None
        assert (found.workspace, found.role) == (workspace, WorkspaceRole.ADMIN)
        assert stranger is not None
        assert stranger.role is None
        await house.done(lambda unit: house.workspaces(unit).remove_member(workspace.id, user))
        async with house.store.snapshot() as snapshot:
            assert await house.workspaces(snapshot).member(workspace.id, user) is None

    @pytest.mark.row("WS4")
    async def test_members_of_others_are_not_touched(self, house: House) -> None:
        one, other, user = await a_workspace(house, "one"), await a_workspace(house, "other"), a_user()

        async def work(unit: Work) -> None:
            for workspace in (one, other):
                await house.workspaces(unit).add_member(member_of(workspace, user))
            await house.workspaces(unit).remove_member(one.id, user)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            reader = house.workspace_reader(snapshot)
            assert [w.name for w in (await reader.workspaces_of(user, None, 9)).items] == ["other"]
            assert await reader.workspace(one.id, user) is None
            seen = await reader.workspace(other.id, user)
        assert seen is not None
        assert seen.role is WorkspaceRole.MEMBER

    async def test_lists_in_pages(self, house: House) -> None:
        user, names = a_user(), ["delta", "Alpha", "charlie", "bravo"]
        for name in names:
            workspace = await a_workspace(house, name)
            member = member_of(workspace, user)
            await house.done(partial(_add_member, house, member))
        async with house.store.snapshot() as snapshot:
            reader = house.workspace_reader(snapshot)
            first = await reader.workspaces_of(user, None, 3)
            second = await reader.workspaces_of(user, first.next, 3)
            back = await reader.workspaces_of(user, second.prev, 3)
        assert [w.name for w in first.items] == ["Alpha", "bravo", "charlie"]
        assert [w.name for w in second.items] == ["delta"]
        assert back.items == first.items
        assert (first.prev, second.next, back.prev) == (None, None, None)

    async def test_members_who_came_first_are_at_the_front(self, house: House) -> None:
        workspace = await a_workspace(house)
        users = [UserId(uuid4()) for _ in range(4)]

        async def work(unit: Work) -> None:
            for n, user in enumerate(users):
                await house.workspaces(unit).add_member(member_of(workspace, user, later(10 - n)))

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            page = await house.workspace_reader(snapshot).members(workspace.id, None, 3)
            rest = await house.workspace_reader(snapshot).members(workspace.id, page.next, 3)
        assert [m.user_id for m in [*page.items, *rest.items]] == [workspace.owner_id, *reversed(users)]


async def _add_member(house: House, member: WorkspaceMember, unit: Work) -> bool:
    return await house.workspaces(unit).add_member(member)
