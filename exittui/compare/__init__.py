"""Kernels side by side: one scenario or workload under each, in virtual time, and what differs."""
