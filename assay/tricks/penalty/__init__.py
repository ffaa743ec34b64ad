"""Tricks that add a term to the loss."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.penalty.confidence_penalty import ConfidencePenalty
from assay.tricks.penalty.elastic_net import ElasticNet
from assay.tricks.penalty.gradient_penalty import GradientPenalty
from assay.tricks.penalty.l1_penalty import L1Penalty
from assay.tricks.penalty.l2_penalty import L2Penalty
from assay.tricks.penalty.logit_penalty import LogitPenalty
from assay.tricks.penalty.orthogonal_penalty import OrthogonalPenalty

TRICKS: tuple[type[Trick], ...] = (
    *(L1Penalty, L2Penalty, ElasticNet, OrthogonalPenalty),
    *(ConfidencePenalty, LogitPenalty, GradientPenalty),
)
