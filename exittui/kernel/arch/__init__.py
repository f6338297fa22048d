"""sys/arch: what depends on the machine."""
