"""Single messages; those of a room stand with the rooms."""

from ....application.messages import commands, edits, forwarding, pins, queries, reacting, readers, scheduling, threads
from ..route import delete, get, patch, post, put

ROUTES = (
    post("/api/users/{user_id}/messages", commands.SendDirectMessage, 201),
    get("/api/messages/{message_id}", queries.GetMessage),
    patch("/api/messages/{message_id}", commands.EditMessage),
    delete("/api/messages/{message_id}", commands.DeleteMessage),
    get("/api/messages/{message_id}/thread", threads.ListReplies),
    put("/api/messages/{message_id}/thread/follow", threads.FollowThread),
    delete("/api/messages/{message_id}/thread/follow", threads.UnfollowThread),
    post("/api/messages/{message_id}/thread/read", threads.MarkThreadRead),
    post("/api/messages/{message_id}/forward", forwarding.ForwardMessage, 201),
    put("/api/messages/{message_id}/reactions/{emoji}", reacting.AddReaction),
    delete("/api/messages/{message_id}/reactions/{emoji}", reacting.RemoveReaction),
    get("/api/messages/{message_id}/reactions/{emoji}", reacting.ListReactors),
    put("/api/messages/{message_id}/pin", pins.PinMessage),
    delete("/api/messages/{message_id}/pin", pins.UnpinMessage),
    get("/api/messages/{message_id}/edits", edits.ListEdits),
    get("/api/scheduled", scheduling.ListScheduled),
    patch("/api/scheduled/{scheduled_id}", scheduling.ChangeScheduled),
    delete("/api/scheduled/{scheduled_id}", scheduling.CancelScheduled),
    get("/api/messages/{message_id}/readers", readers.ListReaders),
)
