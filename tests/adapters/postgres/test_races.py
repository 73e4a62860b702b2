"""Use cases at the same moment, which take turns on SQLite and do not here."""

import asyncio

import pytest
from attrs import evolve

from parlour.application.kernel.actor import STRANGER, SYSTEM
from parlour.domain.kernel.errors import DomainError, Forbidden

from .tenants import Tenant, Tenants

pytestmark = [pytest.mark.postgres, pytest.mark.row("OP8")]


def refusals(answers: list[object]) -> list[str]:
    """The codes of what was refused; anything else that failed is a fault."""
    failed = [a for a in answers if isinstance(a, BaseException)]
    assert all(isinstance(a, DomainError) for a in failed), failed
    return [a.code for a in failed if isinstance(a, DomainError)]


async def test_of_those_who_sign_up_first_one_administers(tenants: Tenants) -> None:
    given = [{"username": n, "email": f"{n}@example.org", "password": "correct horse"} for n in ("ann", "bob", "cat")]
    await asyncio.gather(*(tenants.ask(STRANGER, "sign_up", **g) for g in given))
    assert await tenants.seen(SYSTEM, "select count(*) filter (where is_admin), count(*) from users") == [(1, 3)]


async def test_of_two_administrators_who_dismiss_each_other_one_stays(tenants: Tenants) -> None:
    actors = [await tenants.sign_up(name) for name in ("ann", "bob")]
    for name in ("ann", "bob"):
        await tenants.ask(SYSTEM, "set_admin", login=name)
    ann, bob = (evolve(a, is_admin=True) for a in actors)
    answers = await asyncio.gather(
        tenants.ask(ann, "set_admin", login="bob", is_admin=False),
        tenants.ask(bob, "set_admin", login="ann", is_admin=False),
        return_exceptions=True,
    )
    assert [type(a) for a in answers if isinstance(a, Exception)] == [Forbidden]
    assert await tenants.seen(SYSTEM, "select count(*) from users where is_admin") == [(1,)]


async def test_an_heir_who_leaves_is_no_owner(tenants: Tenants, ann: Tenant) -> None:
    """The workspace is handed over while the heir goes: it always has an owner who is in it."""
    bob, where = await tenants.sign_up("bob"), {"workspace_id": str(ann.workspace)}
    for _ in range(3):
        await tenants.ask(ann.actor, "add_workspace_member", **where, user_id=str(bob.user_id))
        answers = await asyncio.gather(
            tenants.ask(ann.actor, "change_workspace_role", **where, user_id=str(bob.user_id), role="owner"),
            tenants.ask(bob, "remove_workspace_member", **where, user_id=str(bob.user_id)),
            return_exceptions=True,
        )
        assert len(refusals(list(answers))) == 1, answers
        owners = await tenants.seen(
            SYSTEM,
            "select m.role from workspaces w join workspace_members m on m.workspace_id = w.id and m.user_id = w.owner_id "
            f"where w.id = '{ann.workspace}'",
        )
        assert owners == [("owner",)]
        if not isinstance(answers[0], BaseException):
            await tenants.ask(bob, "change_workspace_role", **where, user_id=str(ann.actor.user_id), role="owner")


async def test_whoever_is_removed_is_in_no_room_and_has_no_link(tenants: Tenants, ann: Tenant) -> None:
    """They are given a room, make a link and found a channel while they are removed from the workspace."""
    bob, where = await tenants.sign_up("bob"), {"workspace_id": str(ann.workspace)}
    for n in range(4):
        await tenants.ask(ann.actor, "add_workspace_member", **where, user_id=str(bob.user_id), role="admin")
        answers = await asyncio.gather(
            tenants.ask(ann.actor, "add_members", room_id=str(ann.room), user_ids=[str(bob.user_id)]),
            tenants.ask(bob, "create_invitation", **where),
            tenants.ask(bob, "create_room", **where, kind="public_channel", name=f"channel {n}"),
            tenants.ask(ann.actor, "remove_workspace_member", **where, user_id=str(bob.user_id)),
            return_exceptions=True,
        )
        refusals(list(answers))
        assert not isinstance(answers[3], BaseException)
        assert await tenants.seen(SYSTEM, f"select room_id from room_members where user_id = '{bob.user_id}'") == []
        open_ = f"select id from invitations where created_by = '{bob.user_id}' and revoked_at is null"
        assert await tenants.seen(SYSTEM, open_) == []
    assert (await tenants.ask(SYSTEM, "check_derived"))["drift"] == []


@pytest.mark.row("MS4")
async def test_who_reacts_at_once_is_counted_and_nobody_reacts_to_what_is_deleted(
    tenants: Tenants, ann: Tenant
) -> None:
    people, where = [await tenants.sign_up(f"person{n}") for n in range(6)], {"workspace_id": str(ann.workspace)}
    for person in people:
        await tenants.ask(ann.actor, "add_workspace_member", **where, user_id=str(person.user_id))
        await tenants.ask(person, "join_room", room_id=str(ann.room))
    said = (await tenants.ask(ann.actor, "send_message", room_id=str(ann.room), content="hello"))["id"]
    emoji = ["👍", "🌴"]
    await asyncio.gather(*(tenants.ask(p, "add_reaction", message_id=said, emoji=e) for p in people for e in emoji * 2))
    shown = (await tenants.ask(people[0], "get_message", message_id=said))["reactions"]
    assert sorted((r["emoji"], r["count"], r["mine"]) for r in shown) == sorted((e, 6, True) for e in emoji)
    answers = await asyncio.gather(
        *(tenants.ask(p, "add_reaction", message_id=said, emoji="🚀") for p in people),
        tenants.ask(ann.actor, "delete_message", message_id=said),
        *(tenants.ask(p, "remove_reaction", message_id=said, emoji="👍") for p in people),
        return_exceptions=True,
    )
    assert set(refusals(list(answers))) <= {"message_deleted"}
    assert await tenants.seen(SYSTEM, f"select emoji from reactions where message_id = '{said}'") == []
    assert (await tenants.ask(SYSTEM, "check_derived"))["drift"] == []


async def test_a_link_followed_twice_at_once_counts_once(tenants: Tenants, ann: Tenant) -> None:
    bob, where = await tenants.sign_up("bob"), {"workspace_id": str(ann.workspace)}
    link = (await tenants.ask(ann.actor, "create_invitation", **where))["token"]
    await asyncio.gather(*(tenants.ask(bob, "accept_invitation", token=link) for _ in range(4)))
    assert await tenants.seen(SYSTEM, "select uses from invitations") == [(1,)]


async def test_nobody_is_told_that_they_came_into_a_workspace_that_is_gone(tenants: Tenants, ann: Tenant) -> None:
    bob, where = await tenants.sign_up("bob"), {"workspace_id": str(ann.workspace)}
    link = (await tenants.ask(ann.actor, "create_invitation", **where))["token"]
    answers = await asyncio.gather(
        tenants.ask(bob, "accept_invitation", token=link),
        tenants.ask(ann.actor, "delete_workspace", **where),
        return_exceptions=True,
    )
    assert set(refusals(list(answers))) <= {"not_found"}
    inbox = f"select tag from log where owner_id = '{bob.user_id}' and tag like 'workspace_e%' order by seq"
    tags = [tag for (tag,) in await tenants.seen(SYSTEM, inbox)]
    assert tags.count("workspace_entered") - tags.count("workspace_exited") == 1, "in their own workspace and no other"


async def test_a_password_that_changes_ends_the_session_that_just_begins(tenants: Tenants) -> None:
    ann = await tenants.sign_up("ann")
    for n in range(3):
        old, new = (f"correct horse {m}" if m else "correct horse" for m in (n, n + 1))
        await asyncio.gather(
            tenants.ask(STRANGER, "sign_in", login="ann", password=old),
            tenants.ask(ann, "change_password", current_password=old, new_password=new),
            return_exceptions=True,
        )
        assert await tenants.seen(SYSTEM, "select id from sessions where ended_at is null") == []
