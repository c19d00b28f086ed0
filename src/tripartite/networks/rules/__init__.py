"""Rules that say which nodes are connected: one rule a file.

All are drawn at counters that name the seed, the connection and the source or target, so that
neither the number of threads nor another connection changes what they give.
"""
