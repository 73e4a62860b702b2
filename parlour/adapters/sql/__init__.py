"""The store: SQL in `.sql` files, run by an engine."""
