"""sys/kern."""
