"""Tricks that change inputs, or inputs and targets together, one batch at a time."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.batch.augmix import AugMix
from assay.tricks.batch.blur import Blur
from assay.tricks.batch.color_jitter import ColorJitter
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.fancy_pca import FancyPCA
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.hsv_shift import HSVShift
from assay.tricks.batch.manifold_mixup import ManifoldMixup
from assay.tricks.batch.mix_off import MixOff
from assay.tricks.batch.mixup import Mixup
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix
from assay.tricks.batch.mosaic import Mosaic
from assay.tricks.batch.rand_augment import RandAugment
from assay.tricks.batch.random_area_crop import RandomAreaCrop
from assay.tricks.batch.random_erasing import RandomErasing
from assay.tricks.batch.rare_class_crops import RareClassCrops
from assay.tricks.batch.rotate_scale import RotateScale
from assay.tricks.batch.sample_noise import SampleNoise
from assay.tricks.batch.time_mask import TimeMask
from assay.tricks.batch.time_shift import TimeShift
from assay.tricks.batch.translate import Translate
from assay.tricks.batch.trivial_augment import TrivialAugment

TRICKS: tuple[type[Trick], ...] = (
    *(Flip, Crop, RandomAreaCrop, Translate, RotateScale, RareClassCrops),
    *(ColorJitter, FancyPCA, HSVShift, Blur, RandAugment, TrivialAugment, AugMix),
    *(Cutout, RandomErasing, ColOut, SampleNoise, TimeShift, TimeMask),
    *(Mixup, CutMix, MixupOrCutMix, Mosaic, ManifoldMixup, MixOff),
)
