"""sys/kern: processes, scheduling, signals, locks, kqueue."""
