"""The engine that runs networks on one machine, in compiled code."""
