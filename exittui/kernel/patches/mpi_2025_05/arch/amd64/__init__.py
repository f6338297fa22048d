"""sys/arch/amd64."""
