"""Tricks that replace the loss, or change its value before it is differentiated."""
