"""Workspaces, members and invitations."""

from ....application.workspaces import commands, invitations, letters, queries, retention
from ..route import Route, delete, get, patch, post, put

ROUTES: tuple[Route, ...] = (
    get("/api/workspaces", queries.ListWorkspaces),
    post("/api/workspaces", commands.CreateWorkspace, 201),
    get("/api/workspaces/{workspace_id}", queries.GetWorkspace),
    patch("/api/workspaces/{workspace_id}", commands.RenameWorkspace),
    delete("/api/workspaces/{workspace_id}", commands.DeleteWorkspace),
    put("/api/workspaces/{workspace_id}/retention", retention.SetWorkspaceRetention),
    delete("/api/workspaces/{workspace_id}/retention", retention.ClearWorkspaceRetention),
    post("/api/workspaces/{workspace_id}/switch", commands.SwitchWorkspace),
    get("/api/workspaces/{workspace_id}/members", queries.ListWorkspaceMembers),
    post("/api/workspaces/{workspace_id}/members", commands.AddWorkspaceMember, 201),
    patch("/api/workspaces/{workspace_id}/members/{user_id}", commands.ChangeWorkspaceRole),
    delete("/api/workspaces/{workspace_id}/members/{user_id}", commands.RemoveWorkspaceMember),
    get("/api/workspaces/{workspace_id}/invitations", invitations.ListInvitations),
    post("/api/workspaces/{workspace_id}/invitations", invitations.CreateInvitation, 201),
    delete("/api/workspaces/{workspace_id}/invitations/{invitation_id}", invitations.RevokeInvitation),
    post("/api/workspaces/{workspace_id}/invitations/{invitation_id}/resend", letters.ResendInvitation),
    get("/api/invites/{token}", invitations.GetInvitation),
    post("/api/invites/{token}/accept", invitations.AcceptInvitation),
    get("/api/users", queries.ListUsers),
)
