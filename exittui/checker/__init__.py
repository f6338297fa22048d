"""Search over all schedules of a machine, and what it finds."""
