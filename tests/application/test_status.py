"""A status of one's own that ends by itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from parlour.application.identity.commands import SignUp, StatusInput, UpdateProfile
from parlour.application.identity.queries import GetMe
from parlour.application.kernel.actor import STRANGER, Actor
from parlour.domain.kernel.errors import Invalid
from parlour.domain.kernel.streams import Stream

from .desk import Office, office

pytestmark = pytest.mark.row("ID1", "RT8")

HOUR = timedelta(hours=1)


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url, start=False) as opened:
        yield opened


async def ann_of(opened: Office) -> Actor:
    said = await opened.instance.chat.execute(SignUp("ann", "ann@example.org", "correct horse"), STRANGER)
    return Actor(said.user.id)


async def say(opened: Office, ann: Actor, text: str, by: timedelta | None) -> None:
    until = opened.clock.now() + by if by is not None else None
    await opened.instance.chat.execute(UpdateProfile.of(status=StatusInput(text, None, until)), ann)


async def shown(opened: Office, ann: Actor) -> str | None:
    me = await opened.instance.chat.execute(GetMe(), ann)
    return me.status.text if me.status is not None else None


async def told(opened: Office, ann: Actor) -> list[Any]:
    codec = opened.instance.codec
    events = [e for e in await opened.log(Stream.of_user(ann.known)) if e.tag == "profile_updated"]
    return [(s["text"] if (s := codec.parse(e.data)["status"]) is not None else None) for e in events]


async def after(opened: Office, by: timedelta) -> None:
    opened.clock.advance(by)
    await opened.instance.scheduler.once()


async def test_it_ends_at_its_time_and_ones_devices_are_told(opened: Office) -> None:
    ann = await ann_of(opened)
    await say(opened, ann, "at lunch", HOUR)
    await after(opened, HOUR / 2)
    assert await shown(opened, ann) == "at lunch"
    await after(opened, HOUR)
    assert await shown(opened, ann) is None
    assert await told(opened, ann) == ["at lunch", None]
    await after(opened, HOUR)
    assert await told(opened, ann) == ["at lunch", None], "once"


@pytest.mark.parametrize("by", [None, 3 * HOUR])
async def test_the_end_of_one_does_not_end_the_next(opened: Office, by: timedelta | None) -> None:
    ann = await ann_of(opened)
    await say(opened, ann, "at lunch", HOUR)
    await say(opened, ann, "at work", by)
    await after(opened, 2 * HOUR)
    assert await shown(opened, ann) == "at work"
    assert await told(opened, ann) == ["at lunch", "at work"]
    await after(opened, 2 * HOUR)
    assert await shown(opened, ann) == ("at work" if by is None else None)


async def test_an_end_that_is_past_is_refused_and_changes_nothing(opened: Office) -> None:
    ann = await ann_of(opened)
    await say(opened, ann, "here", None)
    with pytest.raises(Invalid) as error:
        await say(opened, ann, "at lunch", -HOUR)
    assert [(f.pointer, f.code) for f in error.value.faults] == [("/status/until", "past")]
    assert await shown(opened, ann) == "here"
