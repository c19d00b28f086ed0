"""Shards: where samples lie, on this disk, in the cache or on a server, and how to find them."""
