"""Who is there, and who is typing."""

from ....application.presence.commands import SetPresence
from ....application.presence.queries import GetPresence
from ....application.presence.typing import ShowTyping
from ..route import Route, also_at, post, put

ROUTES = (
    Route("GET", "/api/presence", GetPresence, names={"user_id": "user_ids"}),
    put("/api/presence", SetPresence),
    *also_at((post("/api/rooms/{room_id}/typing", ShowTyping),), "/api/rooms", "/api/chat"),
)
