"""Tricks that change target distributions."""
