"""Read marks, what is unread, favourites and notifications, by HTTP and on sockets, against a real server."""

import uuid
from typing import Any

import pytest
from attrs import frozen

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import wire

pytestmark = pytest.mark.row("RM5")


@frozen
class Talk:
    """A room of two with some messages of the first."""

    ann: Person
    ben: Person
    workspace: str
    room: str
    said: list[dict[str, Any]]

    def unread(self, who: Person) -> int:
        shown: int = who.done("GET", f"/api/rooms/{self.room}")["unread"]
        return shown

    def read(self, who: Person, **said: Any) -> dict[str, Any]:
        answer: dict[str, Any] = who.done("POST", f"/api/rooms/{self.room}/read", said)
        return answer


@pytest.fixture(scope="module")
def two(server: Server) -> tuple[Person, Person, Person, str]:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    return ann, ben, cyd, team(ann, ben, cyd)


@pytest.fixture
def talk(two: tuple[Person, Person, Person, str]) -> Talk:
    ann, ben, _, w = two
    room = channel(ann, w, ben)
    path = f"/api/rooms/{room}/messages"
    return Talk(ann, ben, w, room, [ann.done("POST", path, {"content": f"n {n}"}) for n in range(1, 6)])


def test_a_mark_goes_on_by_number_by_message_and_to_the_end(talk: Talk) -> None:
    assert talk.unread(talk.ben) == 5
    answer = talk.read(talk.ben, number=2)
    offset = talk.said[1]["offset"]
    assert answer == {"room_id": talk.room, "unread": 3, "read_number": 2, "read_offset": offset, "mentions": 0}
    assert talk.read(talk.ben, message_id=talk.said[3]["id"])["unread"] == 1
    assert talk.read(talk.ben, number=1)["read_number"] == 4, "what was read stays read"
    assert talk.read(talk.ben)["unread"] == 0
    shown = talk.ben.done("GET", f"/api/rooms/{talk.room}")
    assert (shown["unread"], shown["read_number"], shown["read_offset"]) == (0, 5, talk.said[4]["offset"])


def test_marking_as_unread_goes_back_and_never_on(talk: Talk) -> None:
    talk.read(talk.ben, number=4)
    path = f"/api/rooms/{talk.room}/unread"
    assert talk.ben.done("POST", path, {"number": 5})["read_number"] == 4, "that one is unread anyway"
    assert talk.ben.done("POST", path, {"message_id": talk.said[1]["id"]})["unread"] == 4
    assert talk.ben.done("POST", path, {"number": 1})["read_offset"] == 0


def test_numbers_alone_count_ones_own_and_deleted_messages_too(talk: Talk) -> None:
    talk.read(talk.ben)
    mine = talk.ben.done("POST", f"/api/rooms/{talk.room}/messages", {"content": "mine"})
    assert talk.unread(talk.ben) == 1, "sending writes nothing but the message"
    talk.ben.done("DELETE", f"/api/messages/{mine['id']}")
    assert talk.unread(talk.ben) == 1
    commands = [
        {"name": "send_message", "data": {"room_id": talk.room, "content": "and read"}},
        {"name": "mark_read", "data": {"room_id": talk.room}},
    ]
    results = talk.ben.done("POST", "/api/batch", {"mode": "all", "commands": commands})["results"]
    assert results[1]["data"]["unread"] == 0, "both in one go, for who wants it"


def test_who_joins_has_read_all_before(two: tuple[Person, Person, Person, str]) -> None:
    ann, ben, cyd, w = two
    square = channel(ann, w, kind="public_channel")
    for n in range(3):
        ann.done("POST", f"/api/rooms/{square}/messages", {"content": f"n {n}"})
    looking = ben.done("GET", f"/api/rooms/{square}")
    assert [looking[name] for name in ("unread", "read_number", "favourite", "notifications")] == [None] * 4
    assert ben.done("POST", f"/api/rooms/{square}/join")["unread"] == 0
    ann.done("POST", f"/api/rooms/{square}/members", {"user_ids": [cyd.id]})
    ann.done("POST", f"/api/rooms/{square}/messages", {"content": "new"})
    for who in (ben, cyd):
        shown = who.done("GET", f"/api/rooms/{square}")
        assert (shown["unread"], shown["read_number"]) == (1, 3)
    ben.done("POST", f"/api/rooms/{square}/leave")
    assert ben.done("POST", f"/api/rooms/{square}/join")["read_number"] == 4, "coming back begins anew"


@pytest.mark.parametrize(
    "path, said, status, code, pointer",
    [
        ("read", {"number": 6}, 400, "past_the_head", "/number"),
        ("read", {"number": 10**30}, 400, "past_the_head", "/number"),
        ("read", {"number": 0}, 400, "value", "/number"),
        ("read", {"number": -1}, 400, "value", "/number"),
        ("read", {"number": "2"}, 400, "type", "/number"),
        ("read", {"message_id": str(uuid.uuid4())}, 400, "not_in_room", "/message_id"),
        ("read", {"message_id": "elsewhere"}, 400, "not_in_room", "/message_id"),
        ("read", {"number": 1, "message_id": "first"}, 400, "one_of", "/message_id"),
        ("unread", {}, 400, "one_of", "/message_id"),
        ("unread", {"number": 1, "message_id": "first"}, 400, "one_of", "/message_id"),
        ("unread", {"number": 6}, 400, "past_the_head", "/number"),
        ("unread", {"message_id": "elsewhere"}, 400, "not_in_room", "/message_id"),
        ("favourite", {"place": -1}, 400, "value", "/place"),
        ("favourite", {"place": 1000}, 400, "value", "/place"),
        ("notifications", {}, 400, "required", "/notifications"),
        ("notifications", {"notifications": "loud"}, 400, "value", "/notifications"),
    ],
)
def test_a_wrong_mark_is_refused_at_its_place_and_changes_nothing(
    talk: Talk, path: str, said: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    if "message_id" in said:
        elsewhere = channel(talk.ann, talk.workspace, talk.ben)
        sent = talk.ann.done("POST", f"/api/rooms/{elsewhere}/messages", {"content": "elsewhere"})
        known = {"first": talk.said[0]["id"], "elsewhere": sent["id"]}
        said = {**said, "message_id": known.get(said["message_id"], said["message_id"])}
    talk.read(talk.ben, number=3)
    before = talk.ben.done("GET", f"/api/rooms/{talk.room}")
    method = "POST" if path.endswith("read") else "PUT"
    answer = talk.ben.ask(method, f"/api/rooms/{talk.room}/{path}", said)
    assert answer.status_code == status
    assert [(e["code"], e["pointer"]) for e in answer.json()["errors"]] == [(code, pointer)]
    assert talk.ben.done("GET", f"/api/rooms/{talk.room}") == before


def test_what_is_unread_by_room_and_in_all(two: tuple[Person, Person, Person, str]) -> None:
    ann, ben, _, _ = two
    w = team(ann, ben)
    rooms = [channel(ann, w, ben) for _ in range(3)]
    for room, count in zip(rooms, (0, 1, 2), strict=True):
        for n in range(count):
            ann.done("POST", f"/api/rooms/{room}/messages", {"content": f"n {n}"})
    total = {"workspace_id": w, "rooms": 2, "unread": 3, "mentions": 0, "threads": 0}
    assert ben.done("GET", "/api/unread", params={"workspace_id": w}) == total
    page = ben.done("GET", "/api/unread/rooms", params={"workspace_id": w})
    assert {r["room_id"]: r["unread"] for r in page["items"]} == {rooms[1]: 1, rooms[2]: 2}
    assert page["position"]["offset"] > 0
    listed = ben.done("GET", "/api/rooms", params={"workspace_id": w})["items"]
    assert {r["id"]: r["unread"] for r in listed} == dict(zip(rooms, (0, 1, 2), strict=True))
    ben.done("POST", f"/api/rooms/{rooms[2]}/read")
    ben.done("POST", f"/api/rooms/{rooms[1]}/leave")
    assert ben.done("GET", "/api/unread", params={"workspace_id": w})["unread"] == 0


def test_who_has_read_a_message_is_for_the_members_of_its_room(two: tuple[Person, Person, Person, str]) -> None:
    ann, ben, cyd, w = two
    square = channel(ann, w, ben, kind="public_channel")
    sent = ann.done("POST", f"/api/rooms/{square}/messages", {"content": "read this"})
    path = f"/api/messages/{sent['id']}/readers"
    assert ann.done("GET", path)["items"] == []
    ben.done("POST", f"/api/rooms/{square}/read")
    (reader,) = ann.done("GET", path)["items"]
    assert (reader["user_id"], reader["user"]["username"]) == (ben.id, ben.username)
    refused = cyd.ask("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_in_room"), "who passes by may read, not spy"
    cyd.done("POST", f"/api/rooms/{square}/join")
    assert [r["user_id"] for r in cyd.done("GET", path)["items"]] == [ben.id], "who came later has not read it then"
    ben.done("POST", f"/api/rooms/{square}/unread", {"number": 1})
    assert ann.done("GET", path)["items"] == []


@pytest.mark.row("RM2")
def test_favourites_keep_the_order_they_are_put_in(two: tuple[Person, Person, Person, str]) -> None:
    ann, ben, _, _ = two
    w = team(ann, ben)
    one, two_, three = (channel(ann, w, ben) for _ in range(3))

    def put(room: str, **said: Any) -> list[str]:
        answer: list[str] = ben.done("PUT", f"/api/rooms/{room}/favourite", said)["room_ids"]
        return answer

    assert put(one) == [one]
    assert put(two_, place=0) == [two_, one]
    assert put(three, place=1) == [two_, three, one]
    assert put(one, place=0) == [one, two_, three]
    assert put(two_, place=99) == [one, three, two_]
    places = {r["id"]: r["favourite"] for r in ben.done("GET", "/api/rooms", params={"workspace_id": w})["items"]}
    assert places == {one: 0, three: 1, two_: 2}
    ben.done("POST", f"/api/rooms/{three}/leave")
    assert ben.done("GET", "/api/favourites", params={"workspace_id": w})["room_ids"] == [one, two_]
    assert ben.done("DELETE", f"/api/rooms/{one}/favourite")["room_ids"] == [two_]
    assert ben.done("DELETE", f"/api/rooms/{one}/favourite")["room_ids"] == [two_], "twice is once"
    assert ann.done("GET", "/api/favourites", params={"workspace_id": w})["room_ids"] == [], "they are one's own"


def test_the_others_are_not_told(two: tuple[Person, Person, Person, str]) -> None:
    ann, ben, _, w = two
    room = channel(ann, w, ben)
    ann.done("POST", f"/api/rooms/{room}/messages", {"content": "hi"})
    before = ann.done("GET", f"/api/rooms/{room}")["offset"]
    ben.done("POST", f"/api/rooms/{room}/read")
    ben.done("PUT", f"/api/rooms/{room}/favourite")
    assert (
        ben.done("PUT", f"/api/rooms/{room}/notifications", {"notifications": "mentions"})["notifications"]
        == "mentions"
    )
    assert ann.done("GET", f"/api/rooms/{room}")["offset"] == before
    shown = [who.done("GET", f"/api/rooms/{room}") for who in (ann, ben)]
    assert [(r["favourite"], r["notifications"]) for r in shown] == [(None, "all"), (0, "mentions")]


@pytest.mark.row("RT5")
async def test_a_mark_on_one_device_shows_on_the_other(server: Server, talk: Talk) -> None:
    topic = f"user:{talk.ben.id}"
    async with wire(server, talk.ben.token) as phone, wire(server, talk.ben.again().token) as laptop:
        await laptop.follow(topic)
        await phone.command("mark_read", room_id=talk.room, number=3)
        told = await laptop.until({"type": "read_marked", "topic": topic})
        kept = {"room_id": talk.room, "workspace_id": talk.workspace}
        assert told["data"] == {**kept, "read_number": 3, "read_offset": talk.said[2]["offset"], "mentions": 0}
        await phone.command("mark_read", room_id=talk.room, number=2)
        await phone.command("mark_read", room_id=talk.room, number=3)
        await phone.command("mark_unread", room_id=talk.room, number=1)
        back = await laptop.until({"type": "read_marked"})
        assert (back["data"]["read_number"], back["offset"]) == (0, told["offset"] + 1), "nothing is told of nothing"
        await phone.command("put_favourite", room_id=talk.room)
        favourites = await laptop.until({"type": "favourites_changed"})
        assert favourites["data"]["workspace_id"] == talk.workspace
        assert favourites["data"]["room_ids"][-1] == talk.room
        await phone.command("set_notifications", room_id=talk.room, notifications="none")
        quiet = await laptop.until({"type": "notifications_changed"})
        assert quiet["data"] == {**kept, "notifications": "none"}


def test_leaving_and_coming_back_to_a_workspace_finds_the_direct_room_as_it_was(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    made = {"kind": "direct", "member_ids": [ben.id], "workspace_id": w}
    room = ann.done("POST", "/api/rooms", made)["id"]
    for n in range(3):
        ann.done("POST", f"/api/rooms/{room}/messages", {"content": f"n {n}"})
    ben.done("POST", f"/api/rooms/{room}/read", {"number": 2})
    ben.done("PUT", f"/api/rooms/{room}/notifications", {"notifications": "none"})
    ann.done("DELETE", f"/api/workspaces/{w}/members/{ben.id}")
    assert ben.ask("POST", f"/api/rooms/{room}/read").status_code == 404
    ann.done("POST", f"/api/workspaces/{w}/members", {"user_id": ben.id})
    shown = ben.done("GET", f"/api/rooms/{room}")
    assert (shown["unread"], shown["read_number"], shown["notifications"]) == (1, 2, "none")
