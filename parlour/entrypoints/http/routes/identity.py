"""Accounts and sessions."""

from ....application.identity import blocks, commands, instance, queries
from ..route import Route, delete, get, patch, post, put

ROUTES: tuple[Route, ...] = (
    post("/api/signup", commands.SignUp, 201),
    post("/api/signin", commands.SignIn),
    post("/api/refresh", commands.Refresh),
    post("/api/logout", commands.SignOut),
    post("/api/auth/logout", commands.SignOut, first=False),
    get("/api/auth/me", queries.GetMe),
    patch("/api/auth/me", commands.UpdateProfile),
    put("/api/auth/password", commands.ChangePassword),
    get("/api/sessions", queries.ListSessions),
    delete("/api/sessions/{session_id}", commands.EndSession),
    post("/api/ws-ticket", commands.CreateTicket, 201),
    get("/api/blocks", blocks.ListBlocks),
    put("/api/blocks/{user_id}", blocks.BlockUser),
    delete("/api/blocks/{user_id}", blocks.UnblockUser),
    get("/api/admin/users", instance.ListAllUsers),
    get("/api/admin/user", instance.FindUser),
    put("/api/admin/admins", instance.SetAdmin),
    post("/api/admin/users/{user_id}/suspend", instance.SuspendUser),
    post("/api/admin/users/{user_id}/reactivate", instance.ReactivateUser),
    get("/api/admin/users/{user_id}/sessions", instance.ListUserSessions),
    delete("/api/admin/sessions/{session_id}", instance.EndUserSession),
)
