"""A personal access token: what a bot or a script shows, for no more than its scopes."""

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from ..kernel.errors import Conflict, Fault, Invalid
from ..kernel.ids import TokenId, UserId, WorkspaceId
from ..kernel.permissions import Permission
from ..kernel.times import lasts

PREFIX = "parlour_"
"""What every such token begins with, so that it is known from a session's, and found where it should not be."""


@frozen
class AccessToken:
    """A token of a user. Only the digest of its secret is kept. `workspace_id` is meant where no workspace is named.
    `made_by` is the token that made it, and with which it ends."""

    id: TokenId
    user_id: UserId
    name: str
    scopes: tuple[Permission, ...]
    digest: bytes
    created_at: datetime
    expires_at: datetime | None = None
    workspace_id: WorkspaceId | None = None
    last_used_at: datetime | None = None
    ended_at: datetime | None = None
    made_by: TokenId | None = None

    def usable(self, now: datetime) -> bool:
        """Whether it is worth anything: neither ended nor expired."""
        return self.ended_at is None and lasts(self.expires_at, now)


def checked_scopes(scopes: Iterable[Permission], within: frozenset[Permission] | None) -> tuple[Permission, ...]:
    """Each scope once, in the order of their names; refused where one reaches further than `within`, the scopes of the
    token that makes this one (None: a person who is signed in makes it)."""
    wanted = list(scopes)
    if within is not None:
        further = [n for n, scope in enumerate(wanted) if scope not in within]
        if further:
            detail = "A token makes no token that may do more than itself."
            raise Invalid(*(Fault(f"/scopes/{n}", "scope_missing", detail) for n in further))
    return tuple(sorted(set(wanted)))


def end_within(expires_at: datetime | None, maker: datetime | None) -> datetime | None:
    """When a token ends that another one makes: no later than that."""
    ends = [end for end in (expires_at, maker) if end is not None]
    return min(ends) if ends else None


def made_through(token: AccessToken, among: Iterable[AccessToken]) -> list[AccessToken]:
    """Those of some tokens that a token made, or that were made by one of those, and so on."""
    makers, left, found = {token.id}, list(among), list[AccessToken]()
    while more := [one for one in left if one.made_by in makers]:
        makers, left = {one.id for one in more}, [one for one in left if one not in more]
        found += more
    return found


def check_room_for_one_more(present: int, most: int) -> None:
    """A user has so many tokens at most."""
    if present >= most:
        raise Conflict(
            f"You have {most} tokens, which is as many as one may have; end one first.", code="too_many_tokens"
        )
