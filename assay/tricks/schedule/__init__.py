"""Tricks that set the learning rate and momentum as training goes on."""
