"""Assay: train by the experts' recipe, and measure what every trick was worth on your data."""
