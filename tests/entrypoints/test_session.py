"""The socket's protocol without any socket: frames in, effects out."""

import json
from typing import Any
from uuid import UUID

import pytest

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.domain.kernel.errors import Invalid
from parlour.domain.kernel.ids import UserId
from parlour.entrypoints.realtime.effects import (
    Authenticate,
    Close,
    Effect,
    Follow,
    Refuse,
    Run,
    Send,
    Unfollow,
    Watch,
)  # fmt: skip
from parlour.entrypoints.realtime.session import Session, Timing

ROOM = UUID("018f0000-0000-7000-8000-000000000001")
PARSE = MsgspecCodec().parse


def session(*, known: bool = True, expires_at: float | None = None) -> Session:
    one = Session(PARSE, Timing(heartbeat=25, answer=10, first_frame=10), opened_at=100.0)
    if known:
        one.signed_in(expires_at)
    return one


def told(one: Session, **frame: Any) -> list[Effect]:
    return one.received(json.dumps(frame))


def one_of(effects: list[Effect]) -> Any:
    assert len(effects) == 1, effects
    return effects[0]


def test_commands_and_queries_are_run() -> None:
    run = one_of(told(session(), type="command", id="7", name="send_message", data={"a": 1}, key="k"))
    assert run == Run("7", "command", "send_message", {"a": 1}, "k")
    assert one_of(told(session(), type="query", name="get_me")) == Run(None, "query", "get_me", {}, None)


@pytest.mark.row("RT2")
def test_a_text_is_short_for_sending_a_message() -> None:
    run = one_of(told(session(), type="text", id="1", room_id=str(ROOM), content="hi"))
    assert run == Run("1", "command", "send_message", {"room_id": str(ROOM), "content": "hi"}, None)
    run = one_of(told(session(), type="text", id="1", to="u", content="hi", key="k"))
    assert run == Run("1", "command", "send_direct_message", {"user_id": "u", "content": "hi"}, "k")
    both = one_of(told(session(), type="text", to="u", room_id="r", content="hi"))
    assert both.error.faults[0].pointer == "/to"


@pytest.mark.row("RT8")
def test_typing_is_short_for_showing_it() -> None:
    run = one_of(told(session(), type="typing", room_id=str(ROOM)))
    assert run == Run(None, "command", "show_typing", {"room_id": str(ROOM)}, None)
    assert one_of(told(session(), type="typing", room_id="r", x=1)).error.faults[0].pointer == "/x"


def test_topics_are_followed_from_a_position_or_from_now() -> None:
    follow = one_of(told(session(), type="subscribe", id="9", topic=f"room:{ROOM}"))
    assert isinstance(follow, Follow)
    assert (str(follow.topic), follow.after) == (f"room:{ROOM}", None)
    follow = one_of(told(session(), type="subscribe", topic=f"room:{ROOM}", epoch="e", offset=3, last_id=str(ROOM)))
    assert (follow.after.epoch, follow.after.offset, follow.after.id) == ("e", 3, ROOM)
    assert isinstance(one_of(told(session(), type="unsubscribe", topic=f"room:{ROOM}")), Unfollow)


@pytest.mark.parametrize(
    "frame, pointer",
    [
        ({"type": "nonsense"}, "/type"),
        ({}, "/type"),
        ({"type": 7}, "/type"),
        ({"type": "command"}, "/name"),
        ({"type": "command", "name": 7}, "/name"),
        ({"type": "command", "name": "x", "data": []}, "/data"),
        ({"type": "command", "name": "x", "key": ""}, "/key"),
        ({"type": "command", "name": "x", "key": "k" * 256}, "/key"),
        ({"type": "command", "name": "x", "colour": "red"}, "/colour"),
        ({"type": "command", "name": "x", "id": 7}, "/id"),
        ({"type": "command", "name": "x", "id": "i" * 129}, "/id"),
        ({"type": "subscribe"}, "/topic"),
        ({"type": "subscribe", "topic": "planet:mars"}, "/topic"),
        ({"type": "subscribe", "topic": "room:mars"}, "/topic"),
        ({"type": "subscribe", "topic": f"room:{ROOM}", "epoch": "e"}, "/offset"),
        ({"type": "subscribe", "topic": f"room:{ROOM}", "offset": 1}, "/epoch"),
        ({"type": "subscribe", "topic": f"room:{ROOM}", "epoch": "e", "offset": -1}, "/offset"),
        ({"type": "subscribe", "topic": f"room:{ROOM}", "epoch": "e", "offset": True}, "/offset"),
        ({"type": "subscribe", "topic": f"room:{ROOM}", "epoch": "e", "offset": 2**70}, "/offset"),
        ({"type": "subscribe", "topic": f"room:{ROOM}", "epoch": "e", "offset": 1, "last_id": "x"}, "/last_id"),
        ({"type": "authenticate"}, "/token"),
    ],
)
def test_a_wrong_frame_is_refused_at_its_place_and_the_socket_lives(frame: dict[str, Any], pointer: str) -> None:
    refuse = one_of(told(session(), **frame))
    assert isinstance(refuse, Refuse)
    assert isinstance(refuse.error, Invalid)
    assert refuse.error.faults[0].pointer == pointer


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"x"', "[" * 5000, "null", '{"type":"ping"} x', "\x00"])
def test_what_is_no_frame_at_all_closes(text: str) -> None:
    refuse, close = session().received(text)
    assert isinstance(refuse, Refuse)
    assert isinstance(close, Close)
    assert close.code == 4400


def test_nothing_but_saying_who_one_is_comes_first() -> None:
    refuse, close = told(session(known=False), type="query", name="get_me")
    assert (refuse.error.code, close.code) == ("unauthenticated", 4401)  # type: ignore[union-attr]
    assert one_of(told(session(known=False), type="authenticate", token="t")) == Authenticate(None, "t", False)
    assert one_of(told(session(), type="authenticate", id="1", token="t")) == Authenticate("1", "t", True)
    assert one_of(told(session(known=False), type="ping")) == Send({"type": "pong"})


@pytest.mark.row("RT5")
def test_the_first_frame_is_waited_for_so_long_and_no_longer() -> None:
    one = session(known=False)
    assert one.tick(109.9, dict) == []
    assert one_of(one.tick(110.0, dict)).code == 4401
    assert session().tick(110.0, dict) == []


@pytest.mark.row("RT5")
def test_a_heartbeat_goes_out_with_heads_and_must_be_answered() -> None:
    one = session()
    assert one.tick(124.9, lambda: {"room:x": 5}) == []
    assert one_of(one.tick(125.0, lambda: {"room:x": 5})) == Send({"type": "ping", "heads": {"room:x": 5}})
    assert one.tick(134.9, dict) == [], "no second one while an answer is due"
    assert one_of(one.tick(135.0, dict)).code == 4408
    answered = session()
    answered.tick(125.0, dict)
    told(answered, type="pong")
    assert answered.tick(135.0, dict) == []
    assert one_of(answered.tick(150.0, dict)) == Send({"type": "ping", "heads": {}})


def test_whose_answer_we_do_not_read_is_given_time_for_another() -> None:
    """With as many commands under way as may be, nothing more is read: the store may be away, the client is not."""
    one = session()
    one.tick(125.0, dict)
    one.not_reading = True
    assert one.tick(150.0, dict) == []
    one.not_reading = False
    assert one.tick(159.9, dict) == [], "it has its time from when we read again"
    assert one_of(one.tick(160.0, dict)).code == 4408


@pytest.mark.row("ID2")
def test_a_token_that_expires_closes_unless_it_was_renewed() -> None:
    one = session(expires_at=120.0)
    assert one.tick(119.9, dict) == []
    one.signed_in(124.0)
    assert one.tick(120.0, dict) == []
    assert one_of(one.tick(124.0, dict)).code == 4401


@pytest.mark.row("RT3")
def test_only_some_events_may_be_asked_for() -> None:
    follow = one_of(told(session(), type="subscribe", topic=f"room:{ROOM}", only=["text", "member_left", "typing"]))
    assert follow.only == {"text", "member_left", "typing"}
    assert one_of(told(session(), type="subscribe", topic=f"room:{ROOM}")).only is None


@pytest.mark.parametrize(
    "only, pointer, code",
    [
        ("text", "/only", "type"),
        ([], "/only", "type"),
        (["text"] * 101, "/only", "type"),
        (["text", "nonsense"], "/only/1", "unknown_event"),
        ([7], "/only/0", "unknown_event"),
    ],
)
def test_what_is_no_event_cannot_be_asked_for(only: Any, pointer: str, code: str) -> None:
    refused = one_of(told(session(), type="subscribe", topic=f"room:{ROOM}", only=only))
    assert [(f.pointer, f.code) for f in refused.error.faults] == [(pointer, code)]


@pytest.mark.row("RT3")
def test_how_far_was_looked_goes_with_each_heartbeat() -> None:
    at = {"type": "at", "topic": "room:x", "offset": 7}
    effects = session().tick(125.0, dict, lambda: [at])
    assert effects == [Send(at), Send({"type": "ping", "heads": {}})]


@pytest.mark.row("RT7")
def test_one_way_nobody_answers_a_heartbeat() -> None:
    one = Session(PARSE, Timing(heartbeat=15, answer=10), opened_at=100.0, one_way=True)
    one.signed_in(200.0)
    assert [len(one.tick(now, dict)) for now in (114.9, 115.0, 125.0, 129.9, 130.0)] == [0, 1, 0, 0, 1]
    assert one_of(one.tick(200.0, dict)).code == 4401


@pytest.mark.row("RT8")
def test_the_presence_of_people_is_watched_by_a_subscription_of_its_own() -> None:
    ids = [str(UUID(int=n)) for n in range(1, 4)]
    watch = one_of(told(session(), type="subscribe", id="9", topic="presence", user_ids=[*ids, ids[0]]))
    assert watch == Watch("9", tuple(UserId(UUID(i)) for i in ids))
    assert one_of(told(session(), type="unsubscribe", id="9", topic="presence")) == Watch("9", None)


@pytest.mark.parametrize(
    "more, pointer",
    [
        ({}, "/user_ids"),
        ({"user_ids": []}, "/user_ids"),
        ({"user_ids": [str(ROOM)] * 501}, "/user_ids"),
        ({"user_ids": [str(ROOM), "x"]}, "/user_ids/1"),
        ({"user_ids": [7]}, "/user_ids/0"),
        ({"user_ids": [str(ROOM)], "offset": 7}, "/offset"),
    ],
)
def test_who_is_nobody_cannot_be_watched(more: dict[str, Any], pointer: str) -> None:
    refused = one_of(told(session(), type="subscribe", topic="presence", **more))
    assert refused.error.faults[0].pointer == pointer
