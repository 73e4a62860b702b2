"""Ways in: each a projection of the catalogue."""
