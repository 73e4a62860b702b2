"""What a personal access token may be, and for how long."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from parlour.application.kernel.actor import SCOPE_MISSING, Actor
from parlour.application.kernel.authorizer import BuiltinPolicy, Facts, InstanceFacts, UserFacts, WithinScopes
from parlour.domain.identity.access_token import (
    AccessToken,
    check_room_for_one_more,
    checked_scopes,
    end_within,
    made_through,
)
from parlour.domain.kernel.decisions import Allowed, Refused
from parlour.domain.kernel.errors import Conflict, Invalid
from parlour.domain.kernel.ids import TokenId, UserId, host_id
from parlour.domain.kernel.permissions import Permission
from parlour.domain.kernel.streams import Stream

pytestmark = pytest.mark.row("ID6")

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOME = st.frozensets(st.sampled_from(Permission))
TOKEN = AccessToken(TokenId(uuid4()), UserId(uuid4()), "A bot", (), b"", NOW)


@given(st.lists(st.sampled_from(Permission)), st.none() | SOME)
def test_a_token_reaches_no_further_than_the_one_that_made_it(
    wanted: list[Permission], within: frozenset[Permission] | None
) -> None:
    further = [n for n, scope in enumerate(wanted) if within is not None and scope not in within]
    if further:
        with pytest.raises(Invalid) as refused:
            checked_scopes(wanted, within)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [(f"/scopes/{n}", SCOPE_MISSING) for n in further]
    else:
        scopes = checked_scopes(wanted, within)
        assert set(scopes) == set(wanted)
        assert len(set(scopes)) == len(scopes)


@given(st.sampled_from(Permission), SOME, st.booleans())
def test_scopes_take_away_and_never_give(permission: Permission, scopes: frozenset[Permission], is_admin: bool) -> None:
    """What a token may is what its user may and the scopes cover; what the user may not has the user's own reason."""
    ann, policy = Actor(host_id("ann"), is_admin=is_admin), BuiltinPolicy()
    bot = evolve(ann, token_id=TokenId(uuid4()), scopes=scopes)
    inboxes = [UserFacts(Stream.of_user(host_id(who)), host_id(who)) for who in ("ann", "ben")]
    about: list[Facts] = [InstanceFacts(), *inboxes]
    for facts in about:
        own, decided = policy.decide(ann, permission, facts), WithinScopes(policy).decide(bot, permission, facts)
        if isinstance(own, Refused) or permission in scopes:
            assert decided == own
        else:
            assert isinstance(decided, Refused)
            assert (decided.reason, decided.hidden) == (SCOPE_MISSING, False)
        assert WithinScopes(policy).decide(ann, permission, facts) == own, "who is signed in is held to nothing"


def test_the_control_a_policy_that_knows_of_no_scopes_lets_a_token_do_all() -> None:
    bot = Actor(host_id("ann"), is_admin=True, token_id=TokenId(uuid4()), scopes=frozenset())
    assert isinstance(BuiltinPolicy().decide(bot, Permission.INSTANCE_ADMINISTER, InstanceFacts()), Allowed)


def test_a_token_is_worth_something_until_it_ends() -> None:
    dated = evolve(TOKEN, expires_at=NOW)
    assert TOKEN.usable(NOW)
    assert dated.usable(NOW - timedelta(microseconds=1))
    assert not dated.usable(NOW)
    assert not evolve(TOKEN, ended_at=NOW).usable(NOW)


def test_there_are_so_many_tokens_at_most() -> None:
    check_room_for_one_more(2, 3)
    with pytest.raises(Conflict) as refused:
        check_room_for_one_more(3, 3)
    assert refused.value.code == "too_many_tokens"


def test_what_a_token_made_is_found_through_all_that_it_made() -> None:
    one, two, three, other = (evolve(TOKEN, id=TokenId(uuid4())) for _ in range(4))
    two, three = evolve(two, made_by=one.id), evolve(three, made_by=two.id)
    for among in ([three, two, other], [other, two, three]):  # in whatever order they come
        assert {t.id for t in made_through(one, among)} == {two.id, three.id}
    assert [t.id for t in made_through(two, [one, three, other])] == [three.id]
    assert made_through(three, [one, two, other]) == []


def test_a_token_ends_no_later_than_the_one_that_made_it() -> None:
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    assert [end_within(*ends) for ends in ((None, None), (soon, None), (None, soon), (late, soon), (soon, late))] == [
        None, soon, soon, soon, soon,
    ]  # fmt: skip
