"""Tricks that average weights over training."""
