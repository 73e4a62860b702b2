"""Accounts and sessions."""

from ....application.identity import commands, extensions, instance, proofs, queries, tokens
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
    post("/api/auth/reset", proofs.RequestPasswordReset, 202),
    post("/api/auth/reset/confirm", proofs.ResetPassword),
    post("/api/auth/email", proofs.RequestEmailProof, 202),
    post("/api/auth/email/confirm", proofs.ProveEmail),
    get("/api/users/{user_id}/extensions", extensions.GetUserExtensions),
    put("/api/users/{user_id}/extensions", extensions.ReplaceUserExtensions),
    patch("/api/users/{user_id}/extensions", extensions.PatchUserExtensions),
    get("/api/sessions", queries.ListSessions),
    delete("/api/sessions/{session_id}", commands.EndSession),
    get("/api/tokens", tokens.ListTokens),
    post("/api/tokens", tokens.CreateToken, 201),
    delete("/api/tokens/{token_id}", tokens.RevokeToken),
    post("/api/ws-ticket", commands.CreateTicket, 201),
    get("/api/admin/users", instance.ListAllUsers),
    get("/api/admin/user", instance.FindUser),
    put("/api/admin/admins", instance.SetAdmin),
    post("/api/admin/users/{user_id}/suspend", instance.SuspendUser),
    post("/api/admin/users/{user_id}/reactivate", instance.ReactivateUser),
    get("/api/admin/users/{user_id}/sessions", instance.ListUserSessions),
    delete("/api/admin/sessions/{session_id}", instance.EndUserSession),
)
