"""Drawings of results: ``plot_<result>(result, ax)`` draws and computes nothing."""
