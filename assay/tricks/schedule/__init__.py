"""Tricks that set the learning rate, and other quantities, as training goes on."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.cyclic_cosine import CyclicCosine
from assay.tricks.schedule.divide_on_plateau import DivideOnPlateau
from assay.tricks.schedule.exp_range import ExpRange
from assay.tricks.schedule.exponential import Exponential
from assay.tricks.schedule.flat_then_cosine import FlatThenCosine
from assay.tricks.schedule.grow_batch import GrowBatch
from assay.tricks.schedule.inverse_square_root import InverseSquareRoot
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.polynomial import Polynomial
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing
from assay.tricks.schedule.restart import Restart
from assay.tricks.schedule.rising_momentum import RisingMomentum
from assay.tricks.schedule.sgdr import SGDR
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.triangular import Triangular
from assay.tricks.schedule.triangular2 import Triangular2
from assay.tricks.schedule.warmup import Warmup

TRICKS: tuple[type[Trick], ...] = (
    *(ConstantLR, Warmup, StepDecay, Exponential, Polynomial, LinearDecay, Cosine, FlatThenCosine, InverseSquareRoot),
    *(SGDR, CyclicCosine, Triangular, Triangular2, ExpRange, OneCycle, DivideOnPlateau),
    *(Chain, Product, Restart),
    *(RisingMomentum, GrowBatch, ProgressiveResizing),
)
