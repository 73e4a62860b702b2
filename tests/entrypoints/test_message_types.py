"""What kinds of message there are."""

import pytest

from ..server import Server
from .people import channel, sign_up, team


@pytest.mark.row("MS5")
@pytest.mark.parametrize("given, status", [("text", 201), ("notification", 400), ("system_message", 400), (1, 400)])
def test_text_is_a_type_and_what_is_not_there_yet_is_refused_by_place(
    server: Server, given: object, status: int
) -> None:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    answer = ann.ask("POST", f"/api/rooms/{room}/messages", {"content": "hi", "type": given})
    assert answer.status_code == status
    if status == 201:
        assert answer.json()["type"] == "text"
    else:
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/type"]
        assert ann.done("GET", f"/api/rooms/{room}/messages")["items"] == []
