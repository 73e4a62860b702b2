"""Single messages; those of a room stand with the rooms."""

from ....application.messages import commands, edits, pins, queries, reacting
from ..route import delete, get, patch, post, put

ROUTES = (
    post("/api/users/{user_id}/messages", commands.SendDirectMessage, 201),
    get("/api/messages/{message_id}", queries.GetMessage),
    patch("/api/messages/{message_id}", commands.EditMessage),
    delete("/api/messages/{message_id}", commands.DeleteMessage),
    put("/api/messages/{message_id}/reactions/{emoji}", reacting.AddReaction),
    delete("/api/messages/{message_id}/reactions/{emoji}", reacting.RemoveReaction),
    get("/api/messages/{message_id}/reactions/{emoji}", reacting.ListReactors),
    put("/api/messages/{message_id}/pin", pins.PinMessage),
    delete("/api/messages/{message_id}/pin", pins.UnpinMessage),
    get("/api/messages/{message_id}/edits", edits.ListEdits),
)
