"""The second wall between tenants, tried as a role that is neither a superuser nor the tables' owner."""

from functools import partial

import pytest

from parlour.adapters.sql.postgres_roles import Walls
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor
from parlour.domain.kernel.ids import host_id

from ...services.postgres import Postgres
from .catalogue import loose_keys, without_wall
from .tenants import WALLED, Tenant, Tenants, tenants_at

pytestmark = [pytest.mark.postgres, pytest.mark.row("WS4")]

TENANT = {"streams": "owner_id", "log": "owner_id", "workspaces": "id"}


@pytest.fixture
async def bob(tenants: Tenants) -> Tenant:
    return await tenants.tenant("bob")


def test_every_table_of_tenants_is_guarded_and_no_key_reaches_across(postgres: Postgres, owner_url: str) -> None:
    ask = partial(postgres.run, dsn=owner_url)
    assert without_wall(ask) == []
    assert loose_keys(ask) == []


@pytest.mark.parametrize(
    "plan, found",
    [
        ("create table notes (workspace_id uuid, id uuid)", ["notes"]),
        ("alter table rooms no force row level security", ["rooms"]),
        ("alter table log_3 disable row level security", ["log_3"]),
        ("drop policy tenants on messages", ["messages"]),
    ],
)
def test_a_table_without_a_wall_is_seen(postgres: Postgres, owner_url: str, plan: str, found: list[str]) -> None:
    postgres.run(plan, dsn=owner_url)
    assert without_wall(partial(postgres.run, dsn=owner_url)) == found


@pytest.mark.parametrize(
    "plan, found",
    [
        ("create unique index planted on messages (id)", "messages: planted"),
        ("alter table rooms add constraint planted unique (name)", "rooms: planted"),
        (
            "alter table room_members add constraint planted foreign key (user_id) references users (id)",
            "room_members: planted",
        ),
    ],
)
def test_a_key_across_tenants_is_seen(postgres: Postgres, owner_url: str, plan: str, found: str) -> None:
    postgres.run(plan, dsn=owner_url)
    assert loose_keys(partial(postgres.run, dsn=owner_url)) == [found]


@pytest.mark.parametrize("table", WALLED)
async def test_a_read_without_its_where_shows_ones_own(tenants: Tenants, ann: Tenant, bob: Tenant, table: str) -> None:
    """Also: whoever has no tenant sees nothing, and the system, which has them all, everything."""
    text = f"select distinct {TENANT.get(table, 'workspace_id')} from {table}"
    own = {i for (i,) in await tenants.seen(ann.actor, text)}
    assert ann.workspace in own
    assert not own & {bob.workspace, bob.actor.user_id}
    assert await tenants.seen(STRANGER, text) == []
    assert await tenants.seen(Actor(host_id("nobody")), text) == []
    assert {ann.workspace, bob.workspace} <= {i for (i,) in await tenants.seen(SYSTEM, text)}


@pytest.mark.parametrize("table", WALLED)
async def test_a_write_without_its_where_changes_ones_own(
    tenants: Tenants, ann: Tenant, bob: Tenant, table: str
) -> None:
    column = TENANT.get(table, "workspace_id")
    (own,) = (await tenants.seen(ann.actor, f"select count(*) from {table}"))[0]
    (all_,) = (await tenants.seen(SYSTEM, f"select count(*) from {table}"))[0]
    assert await tenants.changed(ann.actor, f"update {table} set {column} = {column}") == own < all_
    assert await tenants.changed(STRANGER, f"update {table} set {column} = {column}") == 0
    assert await tenants.changed(SYSTEM, f"update {table} set {column} = {column}") == all_


@pytest.mark.parametrize("table", ["workspace_members", "room_members"])
async def test_a_removal_without_its_where_removes_ones_own(
    tenants: Tenants, ann: Tenant, bob: Tenant, table: str
) -> None:
    (own,) = (await tenants.seen(ann.actor, f"select count(*) from {table}"))[0]
    assert await tenants.changed(ann.actor, f"delete from {table}") == own
    assert await tenants.changed(STRANGER, f"delete from {table}") == 0


async def test_nothing_is_put_among_what_is_somebody_elses(tenants: Tenants, ann: Tenant, bob: Tenant) -> None:
    before = await tenants.everything()
    columns = "workspace_id, room_id, user_id, role, joined_at, version"
    member = f"insert into room_members ({columns}) values ('{{}}', '{{}}', '{ann.actor.user_id}', 'owner', now(), 1)"
    moved = f"update messages set workspace_id = '{bob.workspace}', room_id = '{bob.room}'"
    assert await tenants.changed(bob.actor, member.format(bob.workspace, bob.room)) == 1, "the control"
    for text in (member.format(bob.workspace, bob.room), moved):
        with pytest.raises(Exception, match="row-level security"):
            await tenants.changed(ann.actor, text)
    assert await tenants.everything() == before


@pytest.mark.parametrize("text", ["select * from log_0", "delete from messages", "delete from log", "drop table rooms",
                                  "update migrations set name = ''", "update meta set value = ''", "create table x ()",
                                  "alter table rooms disable row level security"])  # fmt: skip
async def test_what_the_role_has_no_right_to(tenants: Tenants, text: str) -> None:
    """The log's parts by their own names, removing what only chores remove, changing what is migrated."""
    with pytest.raises(Exception, match=r"permission denied|must be owner"):
        await tenants.changed(STRANGER, text)


async def test_no_setting_opens_the_wall(tenants: Tenants, ann: Tenant, owner_url: str) -> None:
    opened = "select count(*) from messages, (select set_config('parlour.owners', '*', true)) o"
    assert tenants.instance.store.walls is Walls.ROLES  # type: ignore[attr-defined]
    assert await tenants.seen(STRANGER, opened) == [(0,)]
    async with tenants_at(owner_url) as owners:
        assert owners.instance.store.walls is Walls.OWNER  # type: ignore[attr-defined]
        assert await owners.seen(STRANGER, opened) == [(2,)], "the control: an owner opens it"
        assert await owners.seen(STRANGER, "select count(*) from messages") == [(0,)]


async def test_the_role_has_the_relays_rights_only_when_it_becomes_it(postgres: Postgres, app_url: str) -> None:
    ask = partial(postgres.run, dsn=app_url)
    for kind, expected in (("member", True), ("usage", False)):
        assert ask("select pg_has_role('parlour_relay', %s)", kind) == [(expected,)]
    assert ask("select current_user = session_user and not usesuper from pg_user where usename = current_user") == [
        (True,)
    ]


async def test_a_batch_of_several_tenants_passes(tenants: Tenants, ann: Tenant, bob: Tenant) -> None:
    await tenants.ask(
        bob.actor, "add_workspace_member", workspace_id=str(bob.workspace), user_id=str(ann.actor.user_id)
    )
    await tenants.ask(ann.actor, "join_room", room_id=str(bob.room))
    commands = [
        {"name": "send_message", "data": {"room_id": str(room), "content": "in both"}} for room in (ann.room, bob.room)
    ]
    await tenants.ask(ann.actor, "batch", mode="all", commands=commands)
    said = await tenants.seen(SYSTEM, "select workspace_id from messages where content = 'in both'")
    assert {w for (w,) in said} == {ann.workspace, bob.workspace}


async def test_one_owner_alone_is_walled_too(owner_url: str) -> None:
    """With one plain role the wall stands, and parlour opens it for its own work."""
    async with tenants_at(owner_url) as tenants:
        ann, bob = await tenants.tenant("ann"), await tenants.tenant("bob")
        text = "select distinct workspace_id from messages"
        assert await tenants.seen(ann.actor, text) == [(ann.workspace,)]
        assert {w for (w,) in await tenants.seen(SYSTEM, text)} == {ann.workspace, bob.workspace}
        (sentence,) = (await tenants.ask(SYSTEM, "check_derived"))["unguarded"]
        assert "parlour migrate --roles" in sentence


async def test_a_superuser_is_told_that_there_is_no_wall(postgres_url: str) -> None:
    async with tenants_at(postgres_url) as tenants:
        ann, bob = await tenants.tenant("ann"), await tenants.tenant("bob")
        seen = await tenants.seen(ann.actor, "select distinct workspace_id from messages")
        assert {w for (w,) in seen} == {ann.workspace, bob.workspace}
        (sentence,) = (await tenants.ask(SYSTEM, "check_derived"))["unguarded"]
        assert "superuser" in sentence


async def test_the_doctor_has_nothing_to_say_of_a_wall_that_stands(tenants: Tenants, ann: Tenant) -> None:
    assert await tenants.ask(SYSTEM, "check_derived") == {"drift": [], "unguarded": []}


async def test_the_stream_of_somebody_else_is_written_and_not_read(tenants: Tenants, ann: Tenant, bob: Tenant) -> None:
    """What happens to somebody is put into their inbox by whoever causes it."""
    theirs = f"select count(*) from log where owner_id = '{bob.actor.user_id}'"
    (before,) = (await tenants.seen(SYSTEM, theirs))[0]
    added = {"workspace_id": str(ann.workspace), "user_id": str(bob.actor.user_id)}
    await tenants.ask(ann.actor, "add_workspace_member", **added)
    assert (await tenants.seen(SYSTEM, theirs))[0] == (before + 1,)
    assert await tenants.seen(ann.actor, theirs) == [(0,)]
