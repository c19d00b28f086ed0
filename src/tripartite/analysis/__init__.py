"""Verbs: nouns in, result records out."""
