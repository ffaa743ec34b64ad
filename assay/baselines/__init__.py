"""Stages 2 and 3: the dumb baselines any model must beat, and whether a model big enough can fit at all."""
