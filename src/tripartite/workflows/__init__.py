"""Recipes: whole questions answered with the public verbs."""
