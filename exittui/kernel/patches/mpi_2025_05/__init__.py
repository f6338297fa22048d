"""The diff of 2 May 2025: faster exit without the reaper."""
