"""The whole system written into one file, for moving and for keeping. Reading it in is the command line's alone: it needs
a store that nobody uses."""

from typing import Annotated, Protocol

from attrs import frozen

from .catalogue import Query, use_case
from .constraints import Length
from .retention import SCHEDULERS_OWN


@frozen
class Exported:
    """A bundle that was written: where, how many rows, how many bytes."""

    path: str
    rows: int
    size: int


class Bundles(Protocol):
    """Writes what a snapshot sees."""

    async def write(self, path: str, *, force: bool) -> Exported:
        """Everything into a new file at an absolute path, which only its owner may read; there when it is whole, or not at
        all. `Conflict` when there is one already, unless `force` lets it be replaced; `Unavailable` when it cannot be
        written."""


@frozen
class ExportBundle(Query[Exported]):
    """Write the whole system, as of one moment, into a file of the machine that the server runs on."""

    path: Annotated[str, Length(1, 4096)]
    force: bool = False


async def export_bundle(query: ExportBundle, bundles: Bundles) -> Exported:
    return await bundles.write(query.path, force=query.force)


BUNDLE = use_case(
    export_bundle, slow=True, absent=dict.fromkeys(SCHEDULERS_OWN, "`parlour export` runs it beside the server")
)
