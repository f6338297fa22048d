"""A debugging session over one run: where it stands, how it moves, and frozen views of it."""
