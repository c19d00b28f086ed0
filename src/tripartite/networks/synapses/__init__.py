"""Models of connections: one file each."""
