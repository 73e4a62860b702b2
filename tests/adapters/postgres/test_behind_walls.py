"""All that parlour does, done as a role that the wall between tenants holds for."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from parlour.application.kernel.actor import SYSTEM, Actor, Call, Way
from parlour.application.kernel.ports import Passwords
from parlour.application.kernel.retention import Retention
from parlour.application.kernel.uow import LoggedEvent
from parlour.config.instance import Instance
from parlour.domain.kernel.ids import UserId
from parlour.domain.kernel.streams import Topic
from parlour.testing.world import QuickPasswords

from ...entrypoints.access_rows import CATALOGUE
from ...entrypoints.access_table import FILE, Table
from ...entrypoints.access_ways import InLibrary
from ...entrypoints.test_access import differences
from .tenants import Tenant, Tenants, instance_at, planted

pytestmark = [pytest.mark.postgres, pytest.mark.row("WS4")]


class BehindWalls(InLibrary):
    """The library on a database of PostgreSQL."""

    def __init__(self, url: str) -> None:
        super().__init__(CATALOGUE, url, {Passwords: QuickPasswords()})

    def drift(self) -> Any:
        return self._runner.run(self._instance.bus.call("check_derived", {}, Call(SYSTEM, Way.SYSTEM))).value.drift


def test_every_use_case_answers_everybody_as_without_a_wall(app_url: str) -> None:
    """The whole table of who may what; and what was done is whole."""
    table = Table.read(FILE.read_text())
    with BehindWalls(app_url) as library:
        assert list(differences(library, table)) == []
        assert library.drift() == []


async def test_a_stranger_comes_in_by_a_link_and_goes_again(tenants: Tenants, ann: Tenant) -> None:
    bob = await tenants.sign_up("bob")
    link = (await tenants.ask(ann.actor, "create_invitation", workspace_id=str(ann.workspace)))["token"]
    assert (await tenants.ask(bob, "get_invitation", token=link))["workspace_id"] == str(ann.workspace)
    await tenants.ask(bob, "accept_invitation", token=link)
    said = await tenants.ask(
        bob, "send_direct_message", user_id=str(ann.actor.user_id), content="hello", workspace_id=str(ann.workspace)
    )
    assert (await tenants.ask(ann.actor, "list_messages", room_id=said["room_id"]))["items"][0]["content"] == "hello"
    await tenants.ask(bob, "remove_workspace_member", workspace_id=str(ann.workspace), user_id=str(bob.user_id))
    assert await tenants.seen(bob, f"select id from messages where room_id = '{said['room_id']}'") == []
    again = (await tenants.ask(ann.actor, "create_invitation", workspace_id=str(ann.workspace)))["token"]
    await tenants.ask(bob, "accept_invitation", token=again)
    assert (await tenants.ask(bob, "list_messages", room_id=said["room_id"]))["items"], "their direct room waited"


async def test_what_somebody_says_later_is_told_behind_the_wall_and_leaves_no_words(
    tenants: Tenants, ann: Tenant
) -> None:
    bob = await tenants.sign_up("bob")
    member = {"workspace_id": str(ann.workspace), "user_id": str(bob.user_id)}
    await tenants.ask(ann.actor, "add_workspace_member", **member)
    await tenants.ask(bob, "join_room", room_id=str(ann.room))
    later = {"content": "first words", "send_at": "2099-01-01T00:00:00Z"}
    made = await tenants.ask(bob, "schedule_message", room_id=str(ann.room), **later)
    await tenants.ask(bob, "change_scheduled", scheduled_id=made["id"], content="other words")
    await tenants.ask(ann.actor, "remove_workspace_member", **member)
    await tenants.ask(ann.actor, "add_workspace_member", **member)
    await tenants.ask(bob, "join_room", room_id=str(ann.room))
    async with tenants.instance.store.unit(SYSTEM) as unit:  # its time comes
        await unit.run(planted(f"update scheduled_messages set send_at = created_at where id = '{made['id']}'"))
    await unit.commit()
    assert await tenants.ask(SYSTEM, "send_scheduled", scheduled_id=made["id"])
    about = f"owner_id = '{bob.user_id}' and tag like '%scheduled%' order by seq"
    told = await tenants.seen(bob, f"select tag, data from log where {about}")
    assert [tag for tag, _ in told] == ["message_scheduled", "scheduled_changed", "message_scheduled", "scheduled_sent"]
    assert not [data for _, data in told if "words" in str(data)]
    assert (await tenants.ask(ann.actor, "list_messages", room_id=str(ann.room)))["items"][-1][
        "content"
    ] == "other words"


async def test_a_workspace_with_members_is_deleted_for_all(tenants: Tenants, ann: Tenant) -> None:
    bob = await tenants.sign_up("bob")
    await tenants.ask(ann.actor, "add_workspace_member", workspace_id=str(ann.workspace), user_id=str(bob.user_id))
    await tenants.ask(ann.actor, "delete_workspace", workspace_id=str(ann.workspace))
    for actor in (ann.actor, bob):
        listed = (await tenants.ask(actor, "list_workspaces"))["items"]
        assert str(ann.workspace) not in {w["id"] for w in listed}
        told = await tenants.seen(actor, f"select tag from log where owner_id = '{actor.user_id}' order by seq desc")
        assert told[0] == ("workspace_exited",)


async def test_an_administrator_suspends_somebody_in_no_workspace_of_theirs(tenants: Tenants, ann: Tenant) -> None:
    bob = await tenants.sign_up("bob")
    await tenants.ask(SYSTEM, "set_admin", login="bob")
    admin = evolve(bob, is_admin=True)
    await tenants.ask(admin, "suspend_user", user_id=str(ann.actor.user_id))
    (state,) = (await tenants.seen(SYSTEM, f"select state from users where id = '{ann.actor.user_id}'"))[0]
    assert state == "suspended"
    tags = await tenants.seen(SYSTEM, f"select tag from log where owner_id = '{ann.actor.user_id}' order by seq")
    assert ("user_state_changed",) in tags
    assert ("session_ended",) in tags


async def test_the_relay_and_its_consumers_see_every_tenant(app_url: str) -> None:
    instance, heard = instance_at(app_url), dict[UUID, list[str]]()
    done = asyncio.Event()

    async def consumer(event: LoggedEvent) -> None:
        heard.setdefault(event.stream.owner, []).append(event.tag)
        if sum(tags.count("text") for tags in heard.values()) == 2:
            done.set()

    instance.event_bus.subscribe("listeners", consumer)
    await instance.start()
    try:
        tenants = Tenants(instance)
        ann, bob = await tenants.tenant("ann"), await tenants.tenant("bob")
        async with asyncio.timeout(10):
            await done.wait()
    finally:
        await instance.stop()
    assert all("text" in heard[t.workspace] for t in (ann, bob))


async def test_streams_of_every_tenant_are_kept_within_bounds(app_url: str) -> None:
    instance = instance_at(app_url)
    instance.plan = evolve(instance.plan, retention=Retention(events=1))
    instance = Instance(instance.plan)

    async def consumer(event: LoggedEvent) -> None:
        """What somebody wants is handed on, and may go then."""

    instance.event_bus.subscribe("listeners", consumer)
    await instance.open()
    try:
        tenants = Tenants(instance)
        ann, bob = await tenants.tenant("ann"), await tenants.tenant("bob")
        while await instance.relay.once():
            pass
        removed = await tenants.ask(SYSTEM, "keep_within_bounds")
        assert removed["events"] > 0
        left = await tenants.seen(SYSTEM, "select owner_id, count(*) from log where topic like 'room:%' group by 1")
        assert sorted(left) == sorted([(ann.workspace, 1), (bob.workspace, 1)])
    finally:
        await instance.stop()


async def test_what_is_due_is_done_and_put_off(tenants: Tenants) -> None:
    table, now = tenants.instance.scheduler, tenants.instance.clock.now()
    unit = tenants.instance.store.unit()
    async with unit:
        await unit.schedule("soon", now - timedelta(seconds=1), "forget_sessions", {})
    await unit.commit()
    assert await table.once() == 1
    assert await table.once() == 0


async def test_a_socket_follows_its_own_and_no_other(tenants: Tenants, ann: Tenant) -> None:
    bob = await tenants.sign_up("bob")
    topic = Topic.parse(f"room:{ann.room}")
    assert topic is not None
    followings = tenants.instance.hub._followings
    assert (await followings.open(topic, ann.actor, None)).head.offset > 0
    assert await followings.refusal(topic, bob) == "not_found"
    assert await followings.refusal(topic, Actor(UserId(ann.workspace))) == "not_found"
