"""Rooms and their members; `/api/chat` is another name of `/api/rooms`."""

from ....application.messages.commands import SendMessage
from ....application.messages.pins import ListPinned
from ....application.messages.queries import ListMessages
from ....application.messages.scheduling import ScheduleMessage
from ....application.messages.threads import ListThreads
from ....application.rooms import commands, favourites, members, moderation, queries, reading, retention, unread
from ..route import also_at, delete, get, patch, post, put

ROUTES = also_at(
    (
        get("/api/rooms", queries.ListRooms),
        post("/api/rooms", commands.CreateRoom, 201),
        get("/api/workspaces/{workspace_id}/channels", queries.ListChannels),
        get("/api/rooms/{room_id}", queries.GetRoom),
        patch("/api/rooms/{room_id}", commands.UpdateRoom),
        delete("/api/rooms/{room_id}", commands.DeleteRoom),
        post("/api/rooms/{room_id}/join", members.JoinRoom),
        post("/api/rooms/{room_id}/leave", members.LeaveRoom),
        post("/api/rooms/{room_id}/archive", commands.ArchiveRoom),
        put("/api/rooms/{room_id}/retention", retention.SetRoomRetention),
        delete("/api/rooms/{room_id}/retention", retention.ClearRoomRetention),
        get("/api/rooms/{room_id}/members", queries.ListMembers),
        post("/api/rooms/{room_id}/members", members.AddMembers, 201),
        delete("/api/rooms/{room_id}/members", members.RemoveMembers, {"user_id": "user_ids"}),
        patch("/api/rooms/{room_id}/members/{user_id}", members.UpdateMember),
        delete("/api/rooms/{room_id}/members/{user_id}", members.RemoveMembers, {"user_id": "user_ids"}, first=False),
        get("/api/rooms/{room_id}/bans", queries.ListBans),
        put("/api/rooms/{room_id}/bans/{user_id}", moderation.BanMember),
        delete("/api/rooms/{room_id}/bans/{user_id}", moderation.UnbanMember),
        get("/api/rooms/{room_id}/events", queries.ListEvents),
        get("/api/rooms/{room_id}/messages", ListMessages),
        post("/api/rooms/{room_id}/messages", SendMessage, 201),
        get("/api/rooms/{room_id}/threads", ListThreads),
        get("/api/rooms/{room_id}/pins", ListPinned),
        post("/api/rooms/{room_id}/scheduled", ScheduleMessage, 201),
        post("/api/rooms/{room_id}/read", reading.MarkRead),
        post("/api/rooms/{room_id}/unread", reading.MarkUnread),
        put("/api/rooms/{room_id}/favourite", favourites.PutFavourite),
        delete("/api/rooms/{room_id}/favourite", favourites.RemoveFavourite),
        put("/api/rooms/{room_id}/notifications", favourites.SetNotifications),
        get("/api/favourites", favourites.GetFavourites),
        get("/api/unread", unread.GetUnread),
        get("/api/unread/rooms", unread.ListUnread),
    ),
    "/api/rooms",
    "/api/chat",
)
