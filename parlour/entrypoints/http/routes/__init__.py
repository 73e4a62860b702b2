"""The routes of each feature: method, path, use case, status."""
