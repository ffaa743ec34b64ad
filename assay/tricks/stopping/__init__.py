"""Tricks that decide when training ends."""
