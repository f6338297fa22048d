"""sys/arch."""
