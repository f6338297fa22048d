"""The step the mail of 2 May 2025 names next."""
