"""Measurements of speed and memory, as figures and ratios of one run. `python -m bench` runs them all."""
