"""A user, and the rules for what people call themselves."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from ..kernel.errors import invalid
from ..kernel.ids import UserId, WorkspaceId
from ..kernel.text import folded, skeleton, unprintable

USERNAME_LENGTH = (2, 64)
PASSWORD_BYTES = (8, 128)

EVERYBODY = frozenset({"all", "channel", "everyone", "here", "room"})
"""Names that in a message mean more than one person."""

_EMAIL = re.compile(
    r"(?!\.)(?!.*\.[.@])[^@\s,;<>()\[\]\\\"]{1,64}@(?!\.)[^@\s,;<>()\[\]\\\"]+\.[^@\s,;<>()\[\]\\\".]{2,}"
)
_USERNAME = re.compile(r"[^\W_](?:[\w.\-]*[^\W_])?")


class UserState(StrEnum):
    """Whether a user may act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@frozen
class Status:
    """What a user says of the present: a text, an emoji, and when it ends by itself."""

    text: str
    emoji: str | None = None
    until: datetime | None = None


@frozen
class User:
    """A person (or, later, a program) that acts. `workspace_id` is where the next session begins."""

    id: UserId
    username: str
    username_key: str
    username_skeleton: str
    email: str
    email_key: str
    name: str
    password_hash: str
    created_at: datetime
    updated_at: datetime
    avatar_url: str | None = None
    status: Status | None = None
    state: UserState = UserState.ACTIVE
    is_admin: bool = False
    workspace_id: WorkspaceId | None = None
    email_proven_at: datetime | None = None
    version: int = 1

    def renamed(self, name: str, now: datetime) -> "User":
        return evolve(self, name=name, updated_at=now)

    def with_state(self, state: UserState, now: datetime) -> "User":
        return evolve(self, state=state, updated_at=now)


def username_of(text: str) -> str:
    """The username that `text` stands for, composed (NFKC); refused when it breaks a rule.

    2 to 64 letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit.
    """
    name = unicodedata.normalize("NFKC", text)
    low, high = USERNAME_LENGTH
    if not low <= len(name) <= high:
        raise invalid("username", "length", f"A username has {low} to {high} characters.")
    if (bad := unprintable(name, lines=False)) is not None:
        raise invalid("username", "character", f"A username cannot hold the character {bad}.")
    if folded(name) in EVERYBODY:
        raise invalid("username", "reserved", "This name means everybody; nobody has it.")
    if not _USERNAME.fullmatch(name):
        raise invalid(
            "username",
            "format",
            "A username holds letters, digits, dots, dashes and underscores, and begins and ends with a letter or digit.",
        )
    return name


def email_of(text: str) -> str:
    """The e-mail address in `text`; refused when it cannot be one. The last word is a letter that arrives."""
    if len(text) > 254 or unprintable(text, lines=False) is not None or not _EMAIL.fullmatch(text):
        raise invalid("email", "format", "This is not an e-mail address.")
    return text


def checked_password(password: str, field: str = "password") -> str:
    """`password`, refused when it is shorter than 8 or longer than 128 bytes of UTF-8."""
    low, high = PASSWORD_BYTES
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        raise invalid(field, "character", "A password cannot hold half of a surrogate pair.") from None
    if not low <= size <= high:
        raise invalid(field, "length", f"A password has {low} to {high} bytes.")
    return password


def new_user(
    user_id: UserId, username: str, email: str, name: str | None, password_hash: str, now: datetime, *, admin: bool
) -> User:
    """A user who has just signed up. Without a name they are called by their username."""
    username, email = username_of(username), email_of(email)
    return User(
        id=user_id,
        username=username,
        username_key=folded(username),
        username_skeleton=skeleton(username),
        email=email,
        email_key=folded(email),
        name=name or username,
        password_hash=password_hash,
        created_at=now,
        updated_at=now,
        is_admin=admin,
    )
