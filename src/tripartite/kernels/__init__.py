"""Compiled loops: arrays and numbers in, arrays out."""
