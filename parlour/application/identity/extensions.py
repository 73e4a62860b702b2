"""Extension data of users: what programs keep beside a user, as the instance's schema says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from attrs import evolve, frozen

from ...domain.identity.events import UserExtensionsChanged
from ...domain.identity.extensions import UserExtensions, check_bounds, merged
from ...domain.identity.ports import Extensions, Users
from ...domain.kernel.errors import Fault, Invalid, NotFound
from ...domain.kernel.ids import UserId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Stream
from ..kernel.actor import Actor
from ..kernel.authorizer import PersonFacts, Policy, require
from ..kernel.catalogue import Command, Query
from ..kernel.limits import Limits
from ..kernel.ports import Clock
from ..kernel.uow import UnitOfWork
from ..workspaces.views import WorkspaceReader

MISSING = "There is no such user, or they are not for you to know of."


class ExtensionsSchema(Protocol):
    """What the instance asks of extension data."""

    def faults(self, data: Mapping[str, Any]) -> list[Fault]:
        """Each place that is not as it should be, by JSON pointer from the data itself."""


@frozen
class ExtensionsView:
    """The extension data of a user. Times are null for one that has none yet."""

    user_id: UserId
    extensions: dict[str, Any]
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, user_id: UserId, found: UserExtensions | None) -> "ExtensionsView":
        if found is None:
            return cls(user_id, {}, None, None)
        return cls(user_id, found.data, found.created_at, found.updated_at)


@frozen
class Access:
    """What it takes to find out who may."""

    users: Users
    reader: WorkspaceReader
    policy: Policy

    async def check(self, actor: Actor, user_id: UserId, permission: Permission) -> None:
        """Go on when the actor may; a user whom they share no workspace with is not found."""
        shared = user_id == actor.known or await self.reader.shared(actor.known, user_id)
        require(self.policy, actor, permission, PersonFacts(Stream.of_user(user_id), user_id, shared), MISSING)
        if not shared or (permission is Permission.USER_EXTENSIONS_UPDATE and user_id != actor.known):
            actor.check_covered(Permission.INSTANCE_ADMINISTER)  # that is what lets them
        if await self.users.get(user_id) is None:
            raise NotFound(MISSING)


@frozen
class GetUserExtensions(Query[ExtensionsView]):
    """The extension data of a user: one's own, or of somebody whom one shares a workspace with."""

    user_id: UserId


async def get_user_extensions(
    query: GetUserExtensions, actor: Actor, access: Access, extensions: Extensions
) -> ExtensionsView:
    await access.check(actor, query.user_id, Permission.USER_EXTENSIONS_READ)
    return ExtensionsView.of(query.user_id, await extensions.get(query.user_id))


@frozen
class ReplaceUserExtensions(Command[ExtensionsView]):
    """Set the extension data of a user, all of it: one's own, or anybody's as an administrator of the instance."""

    user_id: UserId
    extensions: dict[str, Any]


async def replace_user_extensions(
    command: ReplaceUserExtensions, actor: Actor, uow: UnitOfWork, access: Access, extensions: Extensions,
    schema: ExtensionsSchema, clock: Clock, limits: Limits,
) -> ExtensionsView:  # fmt: skip
    now = clock.now()
    async with uow:
        await access.check(actor, command.user_id, Permission.USER_EXTENSIONS_UPDATE)
        _check(command.extensions, schema, limits)
        present = await extensions.get(command.user_id)
        kept = await _keep(uow, extensions, present, UserExtensions(command.user_id, command.extensions, now, now))
    return ExtensionsView.of(command.user_id, kept)


@frozen
class PatchUserExtensions(Command[ExtensionsView]):
    """Change parts of the extension data of a user by a JSON merge patch (RFC 7396): null takes a member away."""

    user_id: UserId
    extensions: dict[str, Any]


async def patch_user_extensions(
    command: PatchUserExtensions, actor: Actor, uow: UnitOfWork, access: Access, extensions: Extensions,
    schema: ExtensionsSchema, clock: Clock, limits: Limits,
) -> ExtensionsView:  # fmt: skip
    now = clock.now()
    async with uow:
        await access.check(actor, command.user_id, Permission.USER_EXTENSIONS_UPDATE)
        check_bounds(command.extensions, limits.body_bytes)  # before it is merged
        present = await extensions.get(command.user_id)
        data = merged(present.data if present is not None else {}, command.extensions)
        _check(data, schema, limits)
        kept = await _keep(uow, extensions, present, UserExtensions(command.user_id, data, now, now))
    return ExtensionsView.of(command.user_id, kept)


def _check(data: dict[str, Any], schema: ExtensionsSchema, limits: Limits) -> None:
    check_bounds(data, limits.extensions_bytes)
    faults = schema.faults(data)
    if faults:
        raise Invalid(*(evolve(fault, pointer=f"/extensions{fault.pointer}") for fault in faults))


async def _keep(
    uow: UnitOfWork, extensions: Extensions, present: UserExtensions | None, wanted: UserExtensions
) -> UserExtensions:
    if present is None:
        await extensions.add(wanted)
    else:
        wanted = evolve(wanted, created_at=present.created_at, version=present.version)
        await extensions.save(wanted)
    await uow.record(Stream.of_user(wanted.user_id), UserExtensionsChanged(wanted.user_id, wanted.updated_at))
    return wanted
