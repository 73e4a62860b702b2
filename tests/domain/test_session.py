"""The refresh family of a session: each token once, ten seconds of grace, reuse ends all."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from parlour.domain.identity.session import GRACE, Refresh, Session
from parlour.testing.entities import sessions
from parlour.testing.strategies import NOON, SESSIONS, USERS, WORKSPACES

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.mark.row("ID2")
@given(sessions())
def test_the_newest_token_is_good_until_the_session_expires(session: Session) -> None:
    assert session.presented(1, session.expires_at - TICK) is Refresh.ROTATE
    assert session.presented(1, session.expires_at) is Refresh.EXPIRED


@pytest.mark.row("ID2")
@given(sessions(), st.integers(0, 60_000_000))
def test_the_one_before_is_forgiven_for_ten_seconds(session: Session, microseconds: int) -> None:
    later = timedelta(microseconds=microseconds)
    rotated = session.rotated(NOON)
    worth = Refresh.AGAIN if later <= timedelta(seconds=10) else Refresh.REUSED
    assert rotated.presented(1, NOON + later) is worth
    assert rotated.presented(2, NOON + later) is Refresh.ROTATE


def test_grace_ends_after_its_last_microsecond() -> None:
    assert GRACE == 10 * SECOND
    rotated = Session(SESSIONS[0], USERS[0], NOON, NOON, NOON + 99 * SECOND).rotated(NOON)
    assert rotated.presented(1, NOON + GRACE) is Refresh.AGAIN
    assert rotated.presented(1, NOON + GRACE + TICK) is Refresh.REUSED


@given(sessions(), st.integers(2, 5))
def test_no_grace_for_the_one_but_two_or_for_one_that_was_never_made(session: Session, times: int) -> None:
    for _ in range(times):
        session = session.rotated(NOON)
    assert session.presented(session.generation - 2, NOON) is Refresh.REUSED
    assert session.presented(session.generation + 1, NOON) is Refresh.REUSED


@given(sessions(), st.integers(0, 3))
def test_an_ended_session_takes_nothing_and_ends_once(session: Session, generation: int) -> None:
    ended = session.ended(NOON)
    assert ended.presented(generation, NOON) is Refresh.EXPIRED
    assert ended.ended(NOON + SECOND) is ended


@given(sessions())
def test_rotation_never_makes_a_session_longer(session: Session) -> None:
    rotated = session.rotated(NOON + SECOND)
    assert (rotated.expires_at, rotated.last_seen_at) == (session.expires_at, NOON + SECOND)
    assert session.in_workspace(WORKSPACES[0]).generation == session.generation


class Family(RuleBasedStateMachine):
    """A client and a thief who copied a token: after the thief or the client uses a spent one late, all is over."""

    session: Session
    now: datetime

    @initialize(session=sessions())
    def begin(self, session: Session) -> None:
        self.session, self.now, self.used = session, NOON, dict[int, datetime]()

    @rule(seconds=st.integers(0, 12))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(back=st.integers(0, 3))
    def somebody_presents(self, back: int) -> None:
        generation = self.session.generation - back
        worth = self.session.presented(generation, self.now)
        open_ = self.session.ended_at is None and self.now < self.session.expires_at
        if not open_:
            assert worth is Refresh.EXPIRED
        elif generation == self.session.generation:
            assert worth is Refresh.ROTATE
            self.used[generation] = self.now
            self.session = self.session.rotated(self.now)
        elif back == 1 and generation in self.used and self.now - self.used[generation] <= GRACE:
            assert worth is Refresh.AGAIN
        else:
            assert worth is Refresh.REUSED
            self.session = self.session.ended(self.now)

    @invariant()
    def one_token_is_good_at_most(self) -> None:
        if hasattr(self, "session"):
            good = [g for g in range(self.session.generation + 2) if self._rotates(g)]
            assert len(good) <= 1

    def _rotates(self, generation: int) -> bool:
        return self.session.presented(generation, self.now) is Refresh.ROTATE


@pytest.mark.row("ID2")
class TestFamily(Family.TestCase):  # type: ignore[misc, valid-type]
    """The machine, run by pytest."""
