"""Single messages; those of a room stand with the rooms."""

from ....application.messages import commands, forwarding, queries, threads
from ..route import delete, get, patch, post, put

ROUTES = (
    post("/api/users/{user_id}/messages", commands.SendDirectMessage, 201),
    get("/api/messages/{message_id}", queries.GetMessage),
    patch("/api/messages/{message_id}", commands.EditMessage),
    delete("/api/messages/{message_id}", commands.DeleteMessage),
    get("/api/messages/{message_id}/thread", threads.ListReplies),
    put("/api/messages/{message_id}/thread/follow", threads.FollowThread),
    delete("/api/messages/{message_id}/thread/follow", threads.UnfollowThread),
    post("/api/messages/{message_id}/forward", forwarding.ForwardMessage, 201),
)
