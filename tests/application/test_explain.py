"""Why somebody may or may not: about oneself, about others, never about what one may not know of."""

import pytest

from parlour.application.kernel.actor import Actor
from parlour.application.kernel.explain import Explain, Explanation
from parlour.application.rooms.commands import CreateRoom
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.domain.kernel.errors import Forbidden, Invalid, NotFound
from parlour.domain.kernel.ids import UserId, host_id
from parlour.domain.kernel.permissions import Permission as P
from parlour.domain.rooms.room import RoomKind

from .desk import ALICE, BOB, Office

CAROL = Actor(host_id("carol"))


class Home:
    """Alice's workspace with bob in it, a public channel and a private one; carol is a stranger to it."""

    def __init__(self, opened: Office) -> None:
        self.chat = opened.instance.chat

    async def furnish(self) -> "Home":
        self.id = (await self.chat.execute(CreateWorkspace("home"), ALICE)).id
        await self.chat.execute(AddWorkspaceMember(self.id, BOB.known), ALICE)
        public = CreateRoom(RoomKind.PUBLIC_CHANNEL, "public", workspace_id=self.id)
        private = CreateRoom(RoomKind.PRIVATE_CHANNEL, "private", workspace_id=self.id)
        self.public = f"room:{(await self.chat.execute(public, ALICE)).id}"
        self.private = f"room:{(await self.chat.execute(private, ALICE)).id}"
        return self

    async def ask(self, actor: Actor, permission: P, resource: str, about: UserId | None = None) -> Explanation:
        return await self.chat.execute(Explain(permission, resource, about), actor)


@pytest.fixture
async def home(desk_office: Office) -> Home:
    return await Home(desk_office).furnish()


async def test_everybody_may_ask_about_themselves(home: Home) -> None:
    assert await home.ask(BOB, P.ROOM_READ, home.public) == Explanation(True, "public_channel", "Allowed.")
    refused = await home.ask(BOB, P.ROOM_MESSAGE_SEND, home.public)
    assert (refused.allowed, refused.reason) == (False, "not_in_room")
    assert (await home.ask(ALICE, P.ROOM_DELETE, home.public, ALICE.known)).reason == "room_role:owner"
    assert (await home.ask(BOB, P.WORKSPACE_DELETE, f"workspace:{home.id}")).reason == "role_lacks_permission"
    assert (await home.ask(BOB, P.USER_READ, f"user:{BOB.known}")).reason == "oneself"
    assert (await home.ask(BOB, P.INSTANCE_ADMINISTER, "instance")).reason == "not_an_administrator"


async def test_administrators_ask_about_others_in_what_they_see(home: Home) -> None:
    assert (await home.ask(ALICE, P.ROOM_MESSAGE_SEND, home.public, BOB.known)).reason == "not_in_room"
    assert (await home.ask(ALICE, P.ROOM_READ, home.private, BOB.known)).reason == "not_in_room"
    assert (await home.ask(ALICE, P.ROOM_READ, home.public, CAROL.known)).reason == "not_a_member"


async def test_members_do_not_ask_about_others(home: Home) -> None:
    with pytest.raises(Forbidden) as error:
        await home.ask(BOB, P.ROOM_READ, home.public, ALICE.known)
    assert error.value.code == "role_lacks_permission"


async def test_what_one_may_not_know_of_is_not_found(home: Home) -> None:
    hidden = (home.private, f"user:{ALICE.known}", f"room:{host_id('nothing')}", f"workspace:{host_id('nothing')}")
    for resource in hidden:
        with pytest.raises(NotFound) as error:
            await home.ask(BOB, P.ROOM_READ, resource)
        assert error.value.code == "not_found"
    for resource in (home.public, home.private, f"workspace:{home.id}"):
        with pytest.raises(NotFound):
            await home.ask(CAROL, P.ROOM_READ, resource)
        with pytest.raises(NotFound):
            await home.ask(CAROL, P.ROOM_READ, resource, ALICE.known)


async def test_ones_own_inbox_is_nobody_elses_matter(home: Home) -> None:
    with pytest.raises(NotFound):
        await home.ask(ALICE, P.USER_READ, f"user:{ALICE.known}", BOB.known)


@pytest.mark.parametrize("resource", ["", "room", "cat:1", "room:1", "instances"])
async def test_a_resource_that_cannot_be_meant_is_refused(home: Home, resource: str) -> None:
    with pytest.raises(Invalid) as error:
        await home.ask(ALICE, P.ROOM_READ, resource)
    assert [f.pointer for f in error.value.faults] == ["/resource"]


async def test_about_the_instance_one_asks_for_oneself(home: Home) -> None:
    with pytest.raises(Invalid):
        await home.ask(ALICE, P.INSTANCE_ADMINISTER, "instance", BOB.known)
