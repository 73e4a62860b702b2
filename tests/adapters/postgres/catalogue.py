"""What a database's own catalogue says of the wall between tenants. Each question answers with what breaks the rule."""

from collections.abc import Callable
from typing import Any

Ask = Callable[[str], list[tuple[Any, ...]]]

GLOBAL = {
    "users": "an account is the instance's; its workspace_id is where it works",
    "sessions": "a session is a user's, whatever workspace they work in",
    "access_tokens": "a token is a user's, whatever workspace it means",
    "invitations": "whoever follows one is in no workspace of it yet",
    "notices": "parlour's own: what other instances learn of, without content",
    "dead_letters": "parlour's own: only the relay may read it",
}
"""Tables that name a tenant and have no wall, and why."""

TENANT = "('workspace_id', 'owner_id')"

WALLS = f"""
    select c.relname, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
        exists (select from pg_policy where polrelid = c.oid and polname = 'tenants')
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and exists (select from pg_attribute where attrelid = c.oid and attname in {TENANT} and not attisdropped)
    order by c.relname
"""

KEYS = """
    select c.relname, i.relname, array(
        select attname::text from pg_attribute where attrelid = c.oid and attnum = any (x.indkey::int[])
    ) from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
    where x.indisunique and c.relnamespace = 'public'::regnamespace and c.relrowsecurity
    order by 1, 2
"""

REFERENCES = """
    select c.conrelid::regclass::text, c.conname, c.confrelid::regclass::text, array(
        select (select attname from pg_attribute where attrelid = c.conrelid and attnum = own)
            || '>' || (select attname from pg_attribute where attrelid = c.confrelid and attnum = other)
        from unnest(c.conkey, c.confkey) as k (own, other)
    ) from pg_constraint c join pg_class t on t.oid = c.conrelid
    where c.contype = 'f' and t.relnamespace = 'public'::regnamespace and t.relrowsecurity
    order by 1, 2
"""


def without_wall(ask: Ask) -> list[str]:
    """Tables that hold rows of tenants, and that row-level security does not guard, from their owner too."""
    found = []
    for table, partition, enabled, forced, policy in ask(WALLS):
        if not (enabled and forced and (policy or partition)) and table not in GLOBAL:
            found.append(table)
    return found


def loose_keys(ask: Ask) -> list[str]:
    """Keys and references of guarded tables that reach across tenants."""
    found = []
    for table, key, columns in ask(KEYS):
        if not {"workspace_id", "owner_id"} & set(columns) and (table, columns) != ("workspaces", ["id"]):
            found.append(f"{table}: {key}")
    for table, name, of, pairs in ask(REFERENCES):
        carried = {"workspace_id>workspace_id", "owner_id>owner_id"} & set(pairs)
        if not carried and (of, pairs) != ("workspaces", ["workspace_id>id"]):
            found.append(f"{table}: {name}")
    return found
