"""Christian Ludwig's second attempt to do without the reaper, September 2025."""
