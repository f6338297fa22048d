"""The terminal program: widgets over frozen views, and one screen that moves the session."""
