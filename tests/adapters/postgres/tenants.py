"""Two workspaces of strangers behind the wall, and queries that somebody forgot the `where` of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from attrs import define, evolve
from typed_settings import SecretStr

from parlour.adapters.sql.loader import Query
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor, Call, Way
from parlour.application.kernel.ports import Passwords
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import UserId
from parlour.testing.world import QuickPasswords

SECRET = "a secret of 32 characters or more"


def instance_at(url: str, **settings: Any) -> Instance:
    plan = plan_of(Settings(database_url=url, feature_flags="", jwt_secret=SecretStr(SECRET), **settings))
    return Instance(evolve(plan, given={Passwords: QuickPasswords()}))


def planted(text: str) -> Query:
    """A query as nobody should write it."""
    return Query("planted", text, text.replace("%", "%%"))


@define
class Tenant:
    """Somebody with a workspace and a room in it, in which they said something."""

    actor: Actor
    workspace: UUID
    room: UUID


@define
class Tenants:
    """An instance on which some tenants were made."""

    instance: Instance

    async def ask(self, actor: Actor, name: str, /, **data: Any) -> Any:
        """Run a use case by its name; the answer as plain values."""
        answer = await self.instance.bus.call(name, data, Call(actor, Way.SYSTEM if actor.system else Way.LIBRARY))
        return self.instance.codec.parse(self.instance.codec.encode(answer.value))

    async def sign_up(self, name: str) -> Actor:
        given = {"username": name, "email": f"{name}@example.org", "password": "correct horse"}
        return Actor(UserId(UUID((await self.ask(STRANGER, "sign_up", **given))["user"]["id"])))

    async def tenant(self, name: str) -> Tenant:
        actor = await self.sign_up(name)
        workspace = (await self.ask(actor, "create_workspace", name=f"{name}'s"))["id"]
        made = await self.ask(actor, "create_room", kind="public_channel", name="talk", workspace_id=workspace)
        said = await self.ask(actor, "send_message", room_id=made["id"], content=f"a secret of {name}'s")
        await self.ask(actor, "send_message", room_id=made["id"], content="@room", reply_to=said["id"])
        await self.ask(actor, "add_reaction", message_id=said["id"], emoji="👍")
        await self.ask(actor, "edit_message", message_id=said["id"], content=f"another secret of {name}'s")
        later = {"content": f"a third secret of {name}'s", "send_at": "2099-01-01T00:00:00Z"}
        await self.ask(actor, "schedule_message", room_id=made["id"], **later)
        await self.ask(actor, "set_room_retention", room_id=made["id"], days=365)
        await self._throw_out_guest(actor, name, workspace, made["id"])
        return Tenant(actor, UUID(workspace), UUID(made["id"]))

    async def _throw_out_guest(self, actor: Actor, name: str, workspace: str, room: str) -> None:
        """Somebody was muted before they went, and is kept out."""
        guest = {"user_id": str((await self.sign_up(f"{name}guest")).user_id)}
        await self.ask(actor, "add_workspace_member", workspace_id=workspace, **guest)
        await self.ask(actor, "add_members", room_id=room, user_ids=list(guest.values()))
        await self.ask(actor, "update_member", room_id=room, **guest, muted=True)
        await self.ask(actor, "ban_member", room_id=room, **guest)
        await self.ask(actor, "remove_workspace_member", workspace_id=workspace, **guest)

    async def seen(self, actor: Actor, text: str) -> list[tuple[Any, ...]]:
        """What a planted query shows somebody."""
        async with self.instance.store.snapshot(actor) as db:
            return [tuple(row) for row in (await db.fetch(planted(text), {})).rows]

    async def changed(self, actor: Actor, text: str) -> int:
        """How many rows a planted statement changes for somebody. It is undone."""
        unit = self.instance.store.unit(actor)
        try:
            async with unit:
                return await unit.run(planted(text))
        finally:
            await unit.rollback()

    async def everything(self) -> list[tuple[Any, ...]]:
        """What the system sees, of all tables with a wall."""
        return [row for table in WALLED for row in await self.seen(SYSTEM, f"select * from {table} order by 1, 2, 3")]


WALLED = (
    "streams",
    "log",
    "workspaces",
    "workspace_members",
    "rooms",
    "room_members",
    "room_mutes",
    "room_bans",
    "messages",
    "mentions",
    "thread_followers",
    "reactions",
    "message_edits",
    "scheduled_messages",
    "retention_due",
)


@asynccontextmanager
async def tenants_at(url: str) -> AsyncIterator[Tenants]:
    """Nothing runs by itself: the loops are there to be stepped."""
    instance = instance_at(url)
    try:
        await instance.open()
        yield Tenants(instance)
    finally:
        await instance.stop()
