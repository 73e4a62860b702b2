"""Who is there, and who is typing: what is shown while it is so, and kept in no log."""
