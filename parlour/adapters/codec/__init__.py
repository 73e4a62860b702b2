"""JSON by msgspec, with the constraints of the kernel."""
