"""Rules that say which nodes are connected: one rule a file."""
