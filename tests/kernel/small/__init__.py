"""Machine code for tests of parts of the kernel."""
