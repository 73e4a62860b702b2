"""The feature, and the module that a host hands to `parlour.open(modules=[NOTES])`."""

from pathlib import Path

from parlour.application.kernel.catalogue import Feature, in_unit, use_case
from parlour.config.features import Module
from parlour.entrypoints.http.route import get, post

from . import notes
from .domain import NoteWritten
from .store import SqlNotes

FLAG = "enable_notes"

NOTES = Module(
    Feature(
        "notes",
        use_cases=(use_case(notes.write_note), use_case(notes.list_notes)),
        reactions=(in_unit(NoteWritten, notes.when_note_is_written_count_it),),
        flag=FLAG,
    ),
    routes=(post("/api/notes", notes.WriteNote, 201), get("/api/notes", notes.ListNotes)),
    migrations=Path(__file__).parent / "migrations",
    scoped={notes.Notes: SqlNotes},
)
