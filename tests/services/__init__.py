"""Real servers for the tests: found, started on 127.0.0.1, asked until they answer, and gone afterwards."""
