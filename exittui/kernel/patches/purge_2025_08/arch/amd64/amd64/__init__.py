"""sys/arch/amd64/amd64."""
