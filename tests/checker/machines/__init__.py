"""Machines for the checker: the yardstick, and ones with known answers."""
