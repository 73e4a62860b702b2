"""Holding what clients remember against what the server has: every broken promise, by its number."""

from collections.abc import Iterator

from attrs import frozen

from .actors import Record
from .audit_doings import check_doings, fold_about, told_about
from .campaign import Outcome
from .line import Frame


@frozen
class Broken:
    """A promise that was not kept. G1 nothing acknowledged is lost; G2 each event once, in order; G3 one key, one message;
    G4 offsets are gap-free and readers agree; G5 resuming is complete; G11 folding equals a fresh query. What else people
    did goes by its own name."""

    promise: str
    how: str


def audit(outcome: Outcome) -> list[Broken]:
    """Everything that is wrong; empty when all promises were kept."""
    checks = (_kept, _once, _logs, _shown, _folded, _derived, _done)
    return [broken for check in checks for broken in check(outcome)]


def _kept(outcome: Outcome) -> Iterator[Broken]:
    """What was acknowledged is there, as it was acknowledged, and in the order of each sender."""
    ledger = outcome.ledger
    there = {m["id"]: m for room in outcome.messages.values() for m in room}
    for key, (id_, offset, number) in ledger.sent.items():
        found = there.get(id_)
        if found is None:
            yield Broken("G1", f"{key} was acknowledged as {id_} and is not there")
        elif (found["room_id"], found["offset"], found["number"]) != (ledger.rooms[key], offset, number):
            yield Broken("G3", f"{key} was acknowledged at {offset}, number {number}, and is {found}")
    for id_, words in ledger.words.items():
        if id_ in there and (there[id_]["content"] or None) != words:
            yield Broken("G1", f"{id_} was made to say {words!r} and says {there[id_]['content']!r}")
    for keys in ledger.lanes:
        offsets = [ledger.sent[key][1] for key in keys]
        if offsets != sorted(offsets):
            yield Broken("G2", f"messages sent one after another stand at {offsets}")
    for user, inside in ledger.members.items():
        if (user in [m for room in outcome.members.values() for m in room]) != inside:
            yield Broken("G1", f"{user} was told to be {'in' if inside else 'outside'}, and is not")


def _once(outcome: Outcome) -> Iterator[Broken]:
    """One message for one key, whatever was sent again."""
    for lie in outcome.ledger.lies:
        yield Broken("G3", lie)
    known = {place[0] for place in outcome.ledger.sent.values()} | set(outcome.doings.scheduled)
    for messages in outcome.messages.values():
        for message in messages:
            if message["id"] not in known:
                yield Broken("G3", f"{message} is there, and no key stands for it")


def _logs(outcome: Outcome) -> Iterator[Broken]:
    """Offsets and numbers without gap, the same for everybody."""
    for room, (log, other) in outcome.logs.items():
        if log != other:
            yield Broken("G4", f"two readers of {room} do not agree")
        if [e["offset"] for e in log] != list(range(1, len(log) + 1)):
            yield Broken("G4", f"the offsets of {room} have gaps: {_gaps([e['offset'] for e in log])}")
        if len({e["id"] for e in log}) != len(log):
            yield Broken("G4", f"an event of {room} stands there twice")
        numbers = [m["number"] for m in outcome.messages[room]]
        if numbers != list(range(1, len(numbers) + 1)):
            yield Broken("G4", f"the numbers of {room} have gaps: {_gaps(numbers)}")
        sent = [(e["offset"], e["data"]["id"], e["data"]["number"]) for e in log if e["type"] == "text"]
        if sent != [(m["offset"], m["id"], m["number"]) for m in outcome.messages[room]]:
            yield Broken("G4", f"the log of {room} and its messages do not agree")


def _gaps(numbers: list[int]) -> list[tuple[int, int]]:
    return [(a, b) for a, b in zip([0, *numbers], numbers, strict=False) if b != a + 1]


def _shown(outcome: Outcome) -> Iterator[Broken]:
    """Every subscriber saw every event once, in order, over all reconnects."""
    for topic in outcome.late:
        yield Broken("G5", f"a subscriber of {topic} was not shown its end in time")
    for record in outcome.records:
        log = outcome.logs[record.topic.removeprefix("room:")][0]
        wanted = [(e["offset"], e["id"], e["type"]) for e in log if e["offset"] > record.first]
        seen = [(e["offset"], e["id"], e["type"]) for e in record.events]
        if len(set(seen)) != len(seen) or sorted(seen) != seen:
            yield Broken("G2", f"a subscriber of {record.topic} was shown events twice or out of order")
        if set(wanted) - set(seen):
            yield Broken("G5", f"a subscriber of {record.topic} missed {sorted(set(wanted) - set(seen))[:5]}")
        if set(seen) - set(wanted):
            yield Broken(
                "G4", f"a subscriber of {record.topic} saw what is not there: {sorted(set(seen) - set(wanted))[:5]}"
            )
        if record.unrecovered:
            yield Broken("G5", f"{record.topic} could not be resumed {record.unrecovered} times")


def _folded(outcome: Outcome) -> Iterator[Broken]:
    """A snapshot and the events after it make what a fresh query shows."""
    for record in outcome.records:
        room = record.topic.removeprefix("room:")
        messages, members = fold(record)
        if [_told(m) for m in messages] != [_told(m) for m in outcome.messages[room]]:
            yield Broken("G11", f"{record.topic}, folded, is not what a fresh query shows")
        if members != set(outcome.members[room]):
            yield Broken("G11", f"the members of {record.topic}, folded, are not what a fresh query shows")


GONE: Frame = {"reactions": [], "pinned": None}
NOTHING_YET: Frame = {**GONE, "thread": None}
TOLD = (
    "id", "room_id", "offset", "number", "author_id", "type", "content", "created_at", "edited_at", "deleted_at", "reply_to",
)  # fmt: skip


def _told(message: Frame) -> Frame:
    """What events tell of a message."""
    return {**{name: message.get(name) for name in TOLD}, **told_about(message)}


def fold(record: Record) -> tuple[list[Frame], set[str]]:
    """Messages and members, as a client keeps them."""
    messages, members = {m["id"]: dict(m) for m in record.snapshot}, set(record.members)
    for event in record.events:
        data = event["data"]
        match event["type"]:
            case "text":
                messages[data["id"]] = {**data, "offset": event["offset"], **NOTHING_YET}
                _thread(messages, data)
            case "message_edited" if data["message_id"] in messages:
                words = {"content": data["content"]} if data["content"] is not None else {}
                messages[data["message_id"]] |= {**words, "edited_at": data["edited_at"]}
            case "message_deleted" if data["message_id"] in messages:
                messages[data["message_id"]] |= {"content": "", "deleted_at": data["deleted_at"], **GONE}
                _thread(messages, data)
            case "member_joined":
                members.add(data["user_id"])
            case "member_left":
                members.discard(data["user_id"])
            case kind if data.get("message_id") in messages:
                fold_about(messages[data["message_id"]], kind, data)
    return sorted(messages.values(), key=lambda m: m["number"]), members


def _thread(messages: dict[str, Frame], data: Frame) -> None:
    """What became of a thread, as the newest event says."""
    if data["reply_to"] in messages:
        messages[data["reply_to"]]["thread"] = data["thread"]


def _done(outcome: Outcome) -> Iterator[Broken]:
    for promise, how in check_doings(outcome.doings, outcome.found, outcome.messages):
        yield Broken(promise, how)


def _derived(outcome: Outcome) -> Iterator[Broken]:
    if outcome.doctor:
        yield Broken("drift", outcome.doctor)
