"""Ports for one process: the embedded default."""
