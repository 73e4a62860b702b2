"""Single messages; those of a room stand with the rooms."""

from ....application.messages import commands, queries
from ..route import delete, get, patch, post

ROUTES = (
    post("/api/users/{user_id}/messages", commands.SendDirectMessage, 201),
    get("/api/messages/{message_id}", queries.GetMessage),
    patch("/api/messages/{message_id}", commands.EditMessage),
    delete("/api/messages/{message_id}", commands.DeleteMessage),
    get("/api/messages/{message_id}/thread", queries.ListReplies),
)
