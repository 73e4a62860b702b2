"""Rules that the build proves. Each has a planted violation beside it that turns it red."""
