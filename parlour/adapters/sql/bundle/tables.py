"""What a bundle holds: every table of the core but `migrations`, in the order in which it can be read in."""

from attrs import field, frozen

from ..loader import Query, for_psycopg, load
from .values import KINDS, Kind

SQL = load("bundle")


@frozen
class Column:
    """A column, and what is in it on every engine."""

    name: str
    kind: Kind
    nullable: bool


@frozen
class Table:
    """A table, and the columns that order its rows in the same way on every engine.

    `replaced`: a store makes rows of its own in it before anybody uses it, which give way to the bundle's.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    replaced: bool = False
    first: Query = field(init=False)
    after: Query = field(init=False)
    add: Query = field(init=False)
    any: Query = field(init=False)
    clear: Query = field(init=False)

    def __attrs_post_init__(self) -> None:
        for words in SQL:
            object.__setattr__(self, words.name, self._filled(words))

    def _filled(self, words: Query) -> Query:
        names = {
            "table": self.name,
            "columns": ", ".join(c.name for c in self.columns),
            "values": ", ".join(f":{c.name}" for c in self.columns),
            "key": ", ".join(self.key),
            "marks": ", ".join(f":key_{n}" for n in range(len(self.key))),
        }
        text = words.sqlite.format(**names)  # in the words of both
        return Query(f"{words.name}_{self.name}", text, for_psycopg(text))

    @property
    def places(self) -> tuple[int, ...]:
        """Where the key's columns stand in a row."""
        names = [c.name for c in self.columns]
        return tuple(names.index(k) for k in self.key)


def _table(name: str, key: str, columns: str, *, replaced: bool = False) -> Table:
    """A table from its words: `name kind` of each column, the kind with `?` where it may be null."""
    made = []
    for words in columns.split(","):
        column, kind = words.split()
        made.append(Column(column, KINDS[kind.rstrip("?")], kind.endswith("?")))
    return Table(name, tuple(made), tuple(key.split(", ")), replaced)


TABLES = (
    _table("meta", "key", "key text, value text", replaced=True),
    _table("due", "key", "key text, due_at time, name text, data text", replaced=True),
    _table(
        "users",
        "id",
        "id id, username text, username_key text, username_skeleton text, email text, email_key text, name text, "
        "password_hash text, avatar_url text?, status text?, state text, is_admin flag, workspace_id id?, "
        "created_at time, updated_at time, version number, email_proven_at time?",
    ),
    _table(
        "sessions",
        "id",
        "id id, user_id id, created_at time, last_seen_at time, expires_at time, generation number, rotated_at time?, "
        "workspace_id id?, address text?, agent text?, ended_at time?, version number",
    ),
    _table("tickets", "digest", "digest bytes, session_id id, expires_at time"),
    _table("blocks", "owner_id, blocked_id", "owner_id id, blocked_id id, blocked_at time"),
    _table(
        "access_tokens",
        "id",
        "id id, user_id id, name text, scopes text, digest bytes, created_at time, expires_at time?, workspace_id id?, "
        "last_used_at time?, ended_at time?",
    ),
    _table("user_extensions", "user_id", "user_id id, data text, created_at time, updated_at time, version number"),
    _table(
        "proofs",
        "id",
        "id id, user_id id, purpose text, digest bytes, email_key text, created_at time, expires_at time, used_at time?",
    ),
    _table("letters", "id", "id id, name text, data text, due_at time, until time, tries number"),
    _table(
        "workspaces",
        "id",
        "id id, name text, name_key text, type text, owner_id id, created_at time, deleted_at time?, version number, "
        "keep_days number?, rooms_decide flag",
    ),
    _table(
        "workspace_members",
        "workspace_id, user_id",
        "workspace_id id, user_id id, role text, joined_at time, version number",
    ),
    _table(
        "invitations",
        "id",
        "id id, workspace_id id, digest bytes, role text, created_by id, created_at time, expires_at time?, "
        "max_uses number?, uses number, revoked_at time?, email text?",
    ),
    _table(
        "rooms",
        "workspace_id, id",
        "workspace_id id, id id, kind text, name text?, name_key text, description text?, owner_id id?, "
        "created_at time, updated_at time, members_count number, direct_key text?, archived_at time?, "
        "deleted_at time?, version number, topic text?, password_hash text?, keep_days number?, gone_to number",
    ),
    _table(
        "room_members",
        "workspace_id, room_id, user_id",
        "workspace_id id, room_id id, user_id id, role text, joined_at time, version number, muted flag, "
        "muted_until time?, read_number number, read_offset number, favourite number?, notifications text",
    ),
    _table("room_mutes", "workspace_id, room_id, user_id", "workspace_id id, room_id id, user_id id, until time?"),
    _table(
        "room_bans",
        "workspace_id, room_id, user_id",
        "workspace_id id, room_id id, user_id id, banned_by id, banned_at time, until time?, reason text?",
    ),
    _table(
        "messages",
        "id, workspace_id",
        "workspace_id id, id id, room_id id, author_id id, type text, content text, created_at time, "
        "stream_offset number, number number, edited_at time?, deleted_at time?, edit_offset number?, "
        "client_key text?, body_hash bytes?, version number, reactions text?, "
        "pinned_at time?, pinned_by id?, reply_to id?, replies number, last_reply_at time?, besides text?, "
        "quoted_number number?",
    ),
    _table(
        "reactions",
        "message_id, user_id, emoji, workspace_id",
        "workspace_id id, message_id id, user_id id, emoji text, at time",
    ),
    _table(
        "message_edits",
        "message_id, version, workspace_id",
        "workspace_id id, message_id id, version number, content text, at time",
    ),
    _table(
        "mentions",
        "workspace_id, user_id, room_id, number",
        "workspace_id id, user_id id, room_id id, number number, author_id id",
    ),
    _table(
        "thread_followers",
        "workspace_id, user_id, room_id, number",
        "workspace_id id, user_id id, room_id id, number number, following flag",
    ),
    _table("retention_due", "workspace_id, room_id", "workspace_id id, room_id id, due_at time"),
    _table(
        "scheduled_messages",
        "id, workspace_id",
        "workspace_id id, id id, room_id id, author_id id, content text, send_at time, created_at time, reason text?, "
        "version number, told_offset number?",
    ),
    _table(
        "streams",
        "topic, owner_id",
        "owner_id id, topic text, epoch text, head number, head_id id, floor number, number number, "
        "access_version number",
    ),
    _table(
        "log",
        "topic, stream_offset",
        "owner_id id, topic text, stream_offset number, id id, tag text, revision number, at time, actor_id id?, "
        "data text, published flag",
    ),
    _table(
        "kept_answers",
        "actor, use_case, key",
        "actor text, use_case text, key text, body_hash bytes, answer bytes, created flag, at time",
    ),
    _table("handled", "consumer, event_id", "consumer text, event_id id, at time"),
    _table(
        "dead_letters",
        "consumer, event_id",
        "consumer text, event_id id, owner_id id, topic text, stream_offset number, error text, at time",
    ),
    _table("presences", "user_id", "user_id id, state text, until time?, last_seen_at time?"),
    _table("seen_settings", "key", "key text, value text", replaced=True),
)
