"""Tricks that act on the network: its shape, its layers, its first weights."""
