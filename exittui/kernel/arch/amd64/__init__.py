"""sys/arch/amd64: CPUs, maps, switching, traps."""
