"""Samples: their types, their bytes, and batches of them."""
