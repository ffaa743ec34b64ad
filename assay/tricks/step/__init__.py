"""Tricks that make one update of several passes."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.step.adversarial_training import AdversarialTraining
from assay.tricks.step.gradient_accumulation import GradientAccumulation
from assay.tricks.step.lbfgs import LBFGS
from assay.tricks.step.sam import SAM

TRICKS: tuple[type[Trick], ...] = (SAM, AdversarialTraining, GradientAccumulation, LBFGS)
