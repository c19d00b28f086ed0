"""Synthetic recordings with known truth, contract suites and fakes, public for users' own tests."""
