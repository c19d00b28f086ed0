"""Typed datasets: samples, shards, lenses, and the streams that read them."""
