"""Models of nodes: one file each, with its parameters and its right-hand side."""
