"""Who is there, and who is typing."""

from ....application.presence.typing import ShowTyping
from ..route import also_at, post

ROUTES = also_at((post("/api/rooms/{room_id}/typing", ShowTyping),), "/api/rooms", "/api/chat")
