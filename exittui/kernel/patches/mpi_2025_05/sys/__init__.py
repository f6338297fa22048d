"""sys/sys."""
