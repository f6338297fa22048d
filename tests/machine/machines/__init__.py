"""Machine code of other kinds than a kernel."""
