"""Patches: each folder is a diff over the base, its files named as the diff's."""
