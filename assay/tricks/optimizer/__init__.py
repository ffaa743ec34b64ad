"""Tricks that act on the optimiser: which one it is, and its settings for all parameters or for some."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.optimizer.adadelta import Adadelta
from assay.tricks.optimizer.adafactor import Adafactor
from assay.tricks.optimizer.adagrad import Adagrad
from assay.tricks.optimizer.adam import UseAdam
from assay.tricks.optimizer.adamax import Adamax
from assay.tricks.optimizer.adamw import UseAdamW
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.lamb import LAMB
from assay.tricks.optimizer.lars import LARS
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.lion import Lion
from assay.tricks.optimizer.muon import Muon
from assay.tricks.optimizer.nadam import NAdam
from assay.tricks.optimizer.nesterov import Nesterov
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.norm_bias_rate import NormBiasRate
from assay.tricks.optimizer.normalised_weight_decay import NormalisedWeightDecay
from assay.tricks.optimizer.radam import RAdam
from assay.tricks.optimizer.rmsprop import RMSProp
from assay.tricks.optimizer.square_root_scaling import SquareRootScaling
from assay.tricks.optimizer.weight_decay import WeightDecay

TRICKS: tuple[type[Trick], ...] = (
    *(LinearScaling, NoBiasDecay, WeightDecay, NormalisedWeightDecay, SquareRootScaling, NormBiasRate),
    *(HeavyBall, Nesterov, DecoupledSGD, LARS, UseAdam, UseAdamW, Adamax, NAdam, RAdam, LAMB),
    *(RMSProp, Adagrad, Adadelta, Adafactor, Lion, Muon),
)
