"""The whole system as one file: written from a snapshot, read into an empty store of either engine."""
