"""Signing up, in and out; profiles, sessions, and the administrators of the instance."""
