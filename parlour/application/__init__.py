"""Use cases: each declared once, carried by one bus; ports for all they need of the world."""
