"""Messages: what is said in rooms."""
