"""Workspaces: the tenants. Everything but users belongs to exactly one."""
