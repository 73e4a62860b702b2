"""What every feature's rules are made of: typed ids, events, errors, permissions and decisions."""
