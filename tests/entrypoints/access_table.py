"""Who may do what: `docs/access.md`, made by asking a real server. `python -m tests.entrypoints.access_table` writes it."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from parlour.application.kernel.actor import Way

from ..server import ROOT, serving
from .access_rows import CATALOGUE, Row, rows
from .access_ways import AWay, Outcome, OverHttp
from .access_world import KINDS, World, nowhere

FILE = ROOT / "docs" / "access.md"
ABSENT = "-"

HEAD = """# Who may do what

Every use case with every kind of actor, asked of a real server; made by `python -m tests.entrypoints.access_table`, and
compared by the tests, which ask by HTTP, by WebSocket and through the library. A use case that is not in the table fails
them.

`yes`: it was done. Otherwise the status and the code of the refusal. `404 not_found` is said alike of what is not there
and of what one may not know of. `-`: the use case has no way in for people, the scheduler or the command line runs it.

Everybody but the last two columns' owners stands to one workspace with a private and a public channel:

- *anonymous* is not signed in. On a socket they are asked to sign in, whatever they want: `401 unauthenticated`.
- *other tenant* has an account, and nothing to do with the workspace.
- *outside the room* is a member of the workspace, and of none of the two channels.
- *removed* was in the workspace and in both channels until a moment ago.
- *suspended* is in all of it, and suspended by the administrators of the instance. The library leaves that to its host.
- *member* is in all of it, *moderator* moderates both channels, *admin* administers the workspace and is in none of the
  channels, *owner* owns all of it.
- *token* is the owner once more, by a personal access token that covers `room:read` and nothing else.
- *instance admin* administers the instance, and is no member of the workspace.
"""


class Table:
    """The cells, by row and kind."""

    def __init__(self, cells: dict[tuple[str, str], str]) -> None:
        self.cells = cells

    @classmethod
    def read(cls, text: str) -> "Table":
        cells = {}
        for line in text.splitlines():
            if line.startswith("| `"):
                label, *found = (part.strip() for part in line.strip("| \n").split("|"))
                cells.update({(label, kind): cell for kind, cell in zip(KINDS, found, strict=True)})
        return cls(cells)

    def written(self, catalogue_rows: Iterable[Row]) -> str:
        lines, feature = [HEAD], ""
        for row in catalogue_rows:
            if row.entry.feature != feature:
                feature = row.entry.feature
                lines += [
                    f"\n## {feature.capitalize()}\n",
                    f"| | {' | '.join(KINDS)} |",
                    "|---" * (len(KINDS) + 1) + "|",
                ]
            lines.append(f"| {row.label} | {' | '.join(self.cells[row.label, kind] for kind in KINDS)} |")
        return "\n".join(lines) + "\n"


def asked(way: AWay, kinds: Iterable[str] = KINDS) -> Iterator[tuple[Row, str, Outcome | None]]:
    """Ask every row as every kind; the world is made anew whenever somebody changed it. None: the way does not have it."""
    world = World(way).populate()
    for row in rows():
        for kind in kinds:
            if not row.entry.on(way.way):
                yield row, kind, None
                continue
            data = row.data(world, kind)
            found = way.ask(kind, row.entry, data)
            yield row, kind, found
            if found.ok and row.entry.is_command:
                _mend(way, row, world, kind)
            elif found.status == 404 and way.way is Way.HTTP:
                missing = way.ask(kind, row.entry, nowhere(data))
                told = [{**o.said, "request_id": ""} for o in (found, missing)]
                assert told[0] == told[1], f"{row.label} as {kind}: hidden and missing differ: {told}"


def _mend(way: AWay, row: Row, world: World, kind: str) -> None:
    """Put right what a fresh world alone does not."""
    victim = world.people["victim"]
    match row.entry.name:
        case "sign_out" if isinstance(way, OverHttp):
            way.tokens[kind] = way.sign_in(kind)["access_token"]
        case "suspend_user":
            way.do("instance admin", "reactivate_user", user_id=victim)
            if isinstance(way, OverHttp):
                way.tokens["victim"] = way.sign_in("victim")["access_token"]
        case "set_admin":
            way.do("instance admin", "set_admin", login=world.names["victim"], is_admin=False)
        case "block_user":
            way.do(kind, "unblock_user", user_id=victim)
        case "unblock_user":
            pass
        case "sign_up" | "sign_in" | "refresh" | "change_password" | "create_ticket" | "end_session" | "update_profile":
            pass
        case "create_token" | "revoke_token" | "replace_user_extensions" | "patch_user_extensions":
            pass
        case _:
            world.fresh()


def table_of(way: AWay) -> Table:
    return Table({(row.label, kind): o.cell if o else ABSENT for row, kind, o in asked(way)})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        FILE.write_text(table_of(OverHttp(server, CATALOGUE)).written(rows()))
    print(f"wrote {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
