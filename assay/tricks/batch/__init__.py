"""Tricks that change inputs, or inputs and targets together, one batch at a time."""
