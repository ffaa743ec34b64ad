"""Designs: which stacks of tricks are trained, and how their scores make the effect of each trick."""
