"""parlour inside somebody else's program."""
