"""The export layer: what a run was, in formats for people and for other programs."""
