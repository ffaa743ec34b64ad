"""Tricks that act on gradients, between backward and the update."""
