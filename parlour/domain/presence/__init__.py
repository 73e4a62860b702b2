"""Presence: what somebody says of being there, and what others see of it."""
