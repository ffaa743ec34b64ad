"""Tricks that set the learning rate and momentum as training goes on."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup

TRICKS: tuple[type[Trick], ...] = (ConstantLR, Cosine, LinearDecay, OneCycle, StepDecay, Warmup)
