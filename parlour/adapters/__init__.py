"""Adapters: what the ports are made of. They take plain values, never the settings."""
