"""The command line: a thin way in, like the others."""
