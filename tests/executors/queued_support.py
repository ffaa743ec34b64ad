"""Trainings that tests of many have done: three small recipes, two seeds each."""

from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.batch.mixup import Mixup
from assay.tricks.target.label_smoothing import LabelSmoothing

RECIPE = Recipe(MLP((32,)), optimizer=SGD(), batch_size=128, epochs=3)
PAIRS = [(recipe, seed) for recipe in (RECIPE, RECIPE | Mixup(0.2), RECIPE | LabelSmoothing()) for seed in (0, 1)]
