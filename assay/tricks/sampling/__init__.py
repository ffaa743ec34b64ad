"""Tricks that choose which examples an epoch shows, and in which order."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.sampling.balanced_sampling import BalancedSampling
from assay.tricks.sampling.random_start import RandomStart
from assay.tricks.sampling.repeated_augmentation import RepeatedAugmentation

TRICKS: tuple[type[Trick], ...] = (BalancedSampling, RepeatedAugmentation, RandomStart)
