"""Looking at a store, and changing it, past its ports."""

from pathlib import Path

from parlour.adapters.sql.loader import Queries

SQL = Queries(Path(__file__).with_name("aside.sql"))
