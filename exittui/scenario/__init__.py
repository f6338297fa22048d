"""The scenario layer: an initial situation, its programs, and how a run of it should end."""
