"""A small feature of a host's own: notes to oneself, behind the flag `enable_notes`.

What a host writes for a feature: events (`domain.py`), use cases and ports (`notes.py`), SQL for its own tables
(`store.py`, `notes.sql`, `migrations/`), and the module that puts them together.
"""

from .module import FLAG, NOTES
from .notes import ListNotes, Note, WriteNote

__all__ = ["FLAG", "NOTES", "ListNotes", "Note", "WriteNote"]
