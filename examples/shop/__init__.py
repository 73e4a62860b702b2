"""A feature of the host's own, plugged into parlour."""
