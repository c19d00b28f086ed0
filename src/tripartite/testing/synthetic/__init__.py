"""Synthetic recordings with known truth, one module per science."""
