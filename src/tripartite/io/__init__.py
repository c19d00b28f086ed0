"""Doors: one file per format, each returns nouns of the core."""
