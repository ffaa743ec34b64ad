"""Tricks that act on the optimiser's settings, for all parameters or for some."""
