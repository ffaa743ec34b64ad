"""Tricks that replace the loss, or change its value before it is differentiated."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.loss.binary_cross_entropy import BinaryCrossEntropy
from assay.tricks.loss.class_weights import ClassWeights
from assay.tricks.loss.flooding import Flooding
from assay.tricks.loss.focal import Focal
from assay.tricks.loss.focal_binary import FocalBinary
from assay.tricks.loss.hard_example_mining import HardExampleMining
from assay.tricks.loss.huber import Huber
from assay.tricks.loss.logit_adjustment import LogitAdjustment
from assay.tricks.loss.mean_absolute_error import MeanAbsoluteError
from assay.tricks.loss.sum_loss import SumLoss

TRICKS: tuple[type[Trick], ...] = (
    *(Flooding, Focal, FocalBinary, BinaryCrossEntropy),
    *(ClassWeights, LogitAdjustment, HardExampleMining, SumLoss),
    *(MeanAbsoluteError, Huber),
)
