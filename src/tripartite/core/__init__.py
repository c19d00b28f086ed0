"""Nouns that every source and every analysis shares."""
