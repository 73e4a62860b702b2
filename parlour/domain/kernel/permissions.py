"""The one vocabulary of permissions: `<resource>:<thing>:<act>`."""

from enum import StrEnum


class Permission(StrEnum):
    """What an actor may be allowed to do. Values are stored and shown: they are only added to."""

    WORKSPACE_READ = "workspace:read"
    WORKSPACE_UPDATE = "workspace:update"
    WORKSPACE_DELETE = "workspace:delete"
    WORKSPACE_LEAVE = "workspace:leave"
    WORKSPACE_MEMBER_ADD = "workspace:member:add"
    WORKSPACE_MEMBER_REMOVE = "workspace:member:remove"
    WORKSPACE_MEMBER_ROLE = "workspace:member:role"
    WORKSPACE_TRANSFER = "workspace:transfer"
    WORKSPACE_INVITATION_MANAGE = "workspace:invitation:manage"
    WORKSPACE_ROOM_CREATE = "workspace:room:create"
    WORKSPACE_RETENTION = "workspace:retention"
    WORKSPACE_EXPLAIN = "workspace:explain"

    ROOM_READ = "room:read"
    ROOM_JOIN = "room:join"
    ROOM_LEAVE = "room:leave"
    ROOM_UPDATE = "room:update"
    ROOM_ARCHIVE = "room:archive"
    ROOM_DELETE = "room:delete"
    ROOM_RETENTION = "room:retention"
    ROOM_TRANSFER = "room:transfer"
    ROOM_MEMBER_ADD = "room:member:add"
    ROOM_MEMBER_REMOVE = "room:member:remove"
    ROOM_MEMBER_ROLE = "room:member:role"
    ROOM_MEMBER_MUTE = "room:member:mute"
    ROOM_MEMBER_BAN = "room:member:ban"
    ROOM_MESSAGE_SEND = "room:message:send"
    ROOM_MESSAGE_EDIT = "room:message:edit"
    ROOM_MESSAGE_DELETE = "room:message:delete"
    ROOM_MESSAGE_ANNOUNCE = "room:message:announce"
    ROOM_MESSAGE_PIN = "room:message:pin"
    ROOM_MARK = "room:mark"
    ROOM_READERS = "room:readers"

    USER_READ = "user:read"
    USER_PROFILE_UPDATE = "user:profile:update"
    USER_PASSWORD_CHANGE = "user:password:change"  # noqa: S105 - a name, no secret
    USER_SESSION_MANAGE = "user:session:manage"
    USER_TOKEN_MANAGE = "user:token:manage"  # noqa: S105 - a name, no secret
    USER_BLOCK_MANAGE = "user:block:manage"
    USER_EXTENSIONS_READ = "user:extensions:read"
    USER_EXTENSIONS_UPDATE = "user:extensions:update"
    USER_WORKSPACE_CREATE = "user:workspace:create"
    USER_WORKSPACE_JOIN = "user:workspace:join"

    INSTANCE_ADMINISTER = "instance:administer"
