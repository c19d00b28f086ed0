"""Devices that stimulate: one file each, with its parameters and its waveform."""
