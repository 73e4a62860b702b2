"""Rules of chat as plain values and functions: attrs and the standard library only, no I/O, time and ids as arguments."""
