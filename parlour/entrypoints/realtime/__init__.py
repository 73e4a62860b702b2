"""Live: a sans-IO session, the hub that shows events in order, and thin shells round them."""
