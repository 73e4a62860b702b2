"""Composition: settings, flags, the list of features, and the only place that knows the container."""
