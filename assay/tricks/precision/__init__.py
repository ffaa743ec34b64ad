"""Tricks that choose the number format of the forward pass."""
