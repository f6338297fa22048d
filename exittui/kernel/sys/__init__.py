"""sys/sys: structs, flags, macros."""
