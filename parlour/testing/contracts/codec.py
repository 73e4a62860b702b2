"""The codec: what is right comes back as it was, and what is wrong is named place by place."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from attrs import field, frozen

from ...application.identity.views import UserView
from ...application.kernel.catalogue import Change, Command
from ...application.kernel.constraints import Aware, Between, Length, Pattern, Printable
from ...application.kernel.page import Page, PositionView
from ...application.kernel.ports import Codec
from ...application.kernel.uow import Place
from ...application.messages.views import MessageView
from ...application.rooms.views import RoomView
from ...domain.identity.user import Status, UserState
from ...domain.kernel.errors import Invalid
from ...domain.kernel.ids import EventId, MessageId, RoomId, UserId, WorkspaceId
from ...domain.messages.events import MessageEdited, MessageSent
from ...domain.messages.message import MessageType
from ...domain.rooms.events import MemberJoined, RoomCreated
from ...domain.rooms.room import RoomKind, RoomRole
from .support import NOW, Noted

ODD = ["", "plain", "ünï 🏖️ \u202e", "\n\r\t", '"\\/', "\u2028", "x" * 70_000, "é", "e\u0301"]
MESSAGE = MessageView(
    MessageId(uuid4()),
    RoomId(uuid4()),
    7,
    None,
    UserId(uuid4()),
    MessageType.TEXT,
    "hello \U0001f600",
    NOW,
    edited_at=NOW,
)
VALUES: list[Any] = [
    MESSAGE,
    Page([MESSAGE, MESSAGE], "next", None, PositionView("epoch", 3, EventId(uuid4()))),
    RoomView(
        RoomId(uuid4()), WorkspaceId(uuid4()), RoomKind.GROUP, None, None, None, False, NOW, NOW, 3, RoomRole.OWNER, "e", 1,
        MESSAGE,
    ),
    UserView(UserId(uuid4()), "ada", "Ada", None, UserState.ACTIVE, Status("away", None, NOW), NOW, NOW),
    MessageSent(MessageId(uuid4()), RoomId(uuid4()), 1, UserId(uuid4()), "text", "hello", NOW),
    MessageEdited(MessageId(uuid4()), None, NOW),
    MemberJoined(RoomId(uuid4()), UserId(uuid4()), "member", NOW),
    RoomCreated(RoomId(uuid4()), WorkspaceId(uuid4()), "group", None, "a\nb", UserId(uuid4())),
    Place(1, 2, EventId(uuid4()), "epoch"),
    Noted("loud", loud=True),
]  # fmt: skip


PAST_UTC = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14)))


@frozen
class Item:
    """A part of what is asked for."""

    name: Annotated[str, Length(1, 5), Printable()]
    count: Annotated[int, Between(1, 10)] = 1
    until: datetime | None = None


@frozen
class Ask(Command[None]):
    """Something with every kind of field."""

    id: UUID
    text: Annotated[str, Length(0, 100), Printable(lines=True)] = ""
    at: Annotated[datetime, Aware()] | None = None
    kind: RoomKind | None = None
    slug: Annotated[str, Pattern("[a-z]+", "lower-case letters")] | None = None
    items: Annotated[list[Item], Length(0, 3)] = field(factory=list)
    flag: bool = False
    number: int | None = None
    data: dict[str, Any] = field(factory=dict)
    times: list[datetime] = field(factory=list)


@frozen
class Alter(Change[None]):
    """Something of which parts may be sent."""

    name: str | None = None
    note: str | None = None
    fields: frozenset[str] = frozenset()


ID = str(uuid4())
FAR, EARLY = "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"
WRONG: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing": ({}, [("/id", "required")]),
    "no id": ({"id": "x"}, [("/id", "type")]),
    "unknown": ({"id": ID, "txet": "hi"}, [("/txet", "unknown_field")]),
    "an odd name": ({"id": ID, "a/b~c": 1}, [("/a~1b~0c", "unknown_field")]),
    "number for text": ({"id": ID, "text": 5}, [("/text", "type")]),
    "text for number": ({"id": ID, "number": "5"}, [("/number", "type")]),
    "text for flag": ({"id": ID, "flag": "true"}, [("/flag", "type")]),
    "null for text": ({"id": ID, "text": None}, [("/text", "type")]),
    "too long": ({"id": ID, "text": "x" * 101}, [("/text", "value")]),
    "a control character": ({"id": ID, "text": "a\x07b"}, [("/text", "character")]),
    "NUL": ({"id": ID, "text": "a\0b"}, [("/text", "character")]),
    "half a pair": ({"id": ID, "text": "a\ud800b"}, [("/text", "character")]),
    "a line in a name": ({"id": ID, "items": [{"name": "a\nb"}]}, [("/items/0/name", "character")]),
    "a naive time": ({"id": ID, "at": "2026-01-01T00:00:00"}, [("/at", "type")]),
    "past what UTC holds": (
        {"id": ID, "at": FAR, "times": [EARLY, "2026-01-01T00:00:00Z"], "items": [{"name": "a", "until": FAR}]},
        [("/at", "range"), ("/times/0", "range"), ("/items/0/until", "range")],
    ),
    "the last second": ({"id": ID, "at": "9999-12-31T23:59:59Z"}, [("/at", "range")]),
    "no time": ({"id": ID, "at": "tomorrow"}, [("/at", "value")]),
    "no such kind": ({"id": ID, "kind": "castle"}, [("/kind", "value")]),
    "no such shape": ({"id": ID, "slug": "A-B"}, [("/slug", "value")]),
    "too many": ({"id": ID, "items": [{"name": "a"}] * 4}, [("/items", "value")]),
    "within": (
        {"id": ID, "items": [{"name": "a"}, {"name": "", "count": 11}, {"cuont": 1}]},
        [("/items/1/name", "value"), ("/items/1/count", "value"), ("/items/2/cuont", "unknown_field"),
         ("/items/2/name", "required")],
    ),
    "several": ({"text": 5, "flag": 0, "x": 1}, [("/x", "unknown_field"), ("/id", "required"), ("/text", "type"),
                                                 ("/flag", "type")]),
    "a huge number": ({"id": ID, "items": [{"name": "a", "count": 10**40}]}, [("/items/0/count", "value")]),
}  # fmt: skip


class CodecContract:
    """`Codec` on what is right. Asks for `codec`."""

    @pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
    def test_what_is_encoded_comes_back(self, codec: Codec, value: Any) -> None:
        kind: Any = Page[MessageView] if isinstance(value, Page) else type(value)
        data = codec.encode(value)
        assert codec.decode(data, kind) == value
        assert codec.decode(data.decode(), kind) == value
        assert codec.encode(codec.parse(data)) == data

    @pytest.mark.parametrize("text", ODD, ids=lambda t: ascii(t[:10]))
    def test_text_comes_back_as_it_was(self, codec: Codec, text: str) -> None:
        assert codec.decode(codec.encode(Noted(text)), Noted) == Noted(text)
        assert codec.parse(codec.encode({"text": text})) == {"text": text}

    def test_equal_values_have_one_canonical_form(self, codec: Codec) -> None:
        one = {"b": 1, "a": {"d": [1, 2], "c": None}}
        other = {"a": {"c": None, "d": [1, 2]}, "b": 1}
        assert codec.canonical(one) == codec.canonical(other)
        assert codec.canonical(one) != codec.canonical({**one, "b": 2})
        fields = [frozenset({"a", "b", "c"}), frozenset({"c", "b", "a"})]
        assert len({codec.canonical(Alter("x", fields=f)) for f in fields}) == 1

    def test_times_keep_their_moment(self, codec: Codec) -> None:
        elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30))).replace(microsecond=123_456)
        assert codec.decode(codec.encode(elsewhere), datetime) == elsewhere
        built = codec.build(Ask, {"id": ID, "at": "2026-01-01T05:30:00+05:30"})
        assert built.at == datetime(2026, 1, 1, tzinfo=UTC)

    def test_times_of_input_are_in_utc(self, codec: Codec) -> None:
        """They are compared as texts, hashed, and kept: whatever offset they were told with, they are the same."""
        told = "2026-01-01T05:30:00+05:30"
        east = NOW.astimezone(timezone(timedelta(hours=14)))
        built = codec.build(Ask, {"id": ID, "at": told, "times": [told], "items": [{"name": "a", "until": told}]})
        checked = codec.check(Ask(UUID(ID), at=east, times=[east], items=[Item("a", until=east)]))
        for asked in (built, checked, codec.build(Ask, {}, {"id": ID, "at": told, "times": told})):
            found = [asked.at, *asked.times, *(item.until for item in asked.items)]
            assert [at.utcoffset() for at in found if at is not None] == [timedelta(0)] * len(found)
        assert codec.canonical(built) == codec.canonical(codec.check(built))
        assert (checked.at, checked.times, checked.items[0].until) == (NOW, [NOW], NOW)

    def test_a_command_is_built_from_plain_values(self, codec: Codec) -> None:
        given = {
            "id": ID,
            "text": "a\nb",
            "kind": "group",
            "items": [{"name": "a"}, {"name": "b", "count": 2}],
            "slug": "ok",
        }
        built = codec.build(Ask, given)
        assert built == Ask(UUID(ID), "a\nb", None, RoomKind.GROUP, "ok", [Item("a"), Item("b", 2)])
        assert codec.check(built) == built

    def test_null_is_told_from_silence(self, codec: Codec) -> None:
        assert codec.build(Alter, {}) == Alter(fields=frozenset())
        assert codec.build(Alter, {"name": None}) == Alter(fields=frozenset({"name"}))
        assert codec.build(Alter, {"name": "a", "note": None}).fields == {"name", "note"}

    def test_texts_of_a_path_become_what_is_wanted(self, codec: Codec) -> None:
        built = codec.build(Ask, {"text": "5"}, {"id": ID, "number": "5", "flag": "true"})
        assert (built.id, built.number, built.flag, built.text) == (UUID(ID), 5, True, "5")


@pytest.mark.row("OP7")
class HostileInputContract:
    """`Codec` on what is wrong. Asks for `codec`."""

    @pytest.mark.parametrize("given, places", WRONG.values(), ids=WRONG)
    def test_every_place_is_named(self, codec: Codec, given: dict[str, Any], places: list[tuple[str, str]]) -> None:
        with pytest.raises(Invalid) as caught:
            codec.build(Ask, given)
        assert sorted(f.pointer for f in caught.value.faults) == sorted(p for p, _ in places)
        assert all(f.code and f.detail for f in caught.value.faults)

    def test_the_nearest_name_is_told(self, codec: Codec) -> None:
        with pytest.raises(Invalid) as caught:
            codec.build(Ask, {"id": ID, "txet": "hi"})
        assert "'text'" in caught.value.faults[0].detail

    def test_a_program_is_told_the_same(self, codec: Codec) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"text": "a\0b"}, "/text"), ({"text": "x" * 101}, "/text"), ({"at": NOW.replace(tzinfo=None)}, "/at"),
            ({"items": [Item("too long")]}, "/items/0/name"), ({"text": "half \ud800"}, "/text"),
            ({"number": "five"}, "/number"), ({"at": PAST_UTC}, "/at"), ({"times": [NOW, PAST_UTC]}, "/times/1"),
            ({"items": [Item("a", until=PAST_UTC)]}, "/items/0/until"),
        ]  # fmt: skip
        for given, pointer in wrong:
            with pytest.raises(Invalid) as caught:
                codec.check(Ask(UUID(ID), **given))
            assert [f.pointer for f in caught.value.faults] == [pointer]

    @pytest.mark.parametrize(
        "data",
        [b"", b"{", b"nul", b'{"a":1,}', b"'a'", b"[1", b"\x00", b"NaN", b"Infinity", b"\xff\xfe", b'"\xc3"', b'"a\x01b"',
         b'"\\ud800"', b'{"\\udfff":1}', b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"1 2",
         b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}"],
        ids=lambda d: ascii(d[:12]),
    )  # fmt: skip
    def test_what_is_no_json_is_malformed(self, codec: Codec, data: bytes) -> None:
        with pytest.raises(Invalid) as caught:
            codec.parse(data)
        assert caught.value.code == "malformed"

    @pytest.mark.parametrize("depth", [10, 100, 500, 900, 1_500])
    def test_deep_nesting_is_refused_and_nothing_breaks(self, codec: Codec, depth: int) -> None:
        data: Any = {}
        with suppress(Invalid):
            data = codec.parse(b'{"a":' * depth + b"1" + b"}" * depth)
        assert data or depth > 100, "not so deep"
        built = codec.build(Ask, {"id": ID, "data": data})
        assert codec.canonical(built)
        with pytest.raises(Invalid):
            codec.build(Ask, {"id": ID, "items": data, "text": data, "data": data})

    def test_not_every_place_of_a_flood_is_told(self, codec: Codec) -> None:
        with pytest.raises(Invalid) as refused:
            codec.build(Ask, {f"unknown_{n}": n for n in range(50_000)})
        assert 1 < len(refused.value.faults) <= 100

    @pytest.mark.parametrize("given", [[], "text", 5, None, True, [["id", "a"]]], ids=repr)
    def test_what_is_no_object_is_refused(self, codec: Codec, given: Any) -> None:
        with pytest.raises(Invalid):
            codec.build(Ask, given)
