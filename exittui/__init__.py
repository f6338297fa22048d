"""exittui: step an OpenBSD kernel, statement by statement, through the exit of a process."""
