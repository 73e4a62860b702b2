"""HTTP by Falcon: a route table, and one resource for all of it."""
