"""Scripts and lessons played over a session: captions, questions, assertions, goals."""
