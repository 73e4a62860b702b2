"""Rooms: where people talk. Four kinds with rules of their own, and their members."""
