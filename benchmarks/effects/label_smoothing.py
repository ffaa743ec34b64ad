"""Label smoothing's logit gap against its formula, and its accuracy."""

from __future__ import annotations

import math

import torch
from effect import Contrast, Effect
from subjects import fashion
from torch import Tensor

from assay.data.data import Data
from assay.evaluation import predict
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.target.label_smoothing import LabelSmoothing

SMOOTHING, CLASSES = 0.1, 10
# No weight decay, and few images: the formula is of the loss's own minimum.
PLAIN = Recipe(model=ResNet(8, 16, stem="half"), optimizer=SGD(0.1), batch_size=64, epochs=40) | Cosine()
ARMS = {"plain": PLAIN, "smoothed": PLAIN | LabelSmoothing(SMOOTHING, form="others")}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy of both, and the mean gap between logits on the images trained on."""
    data = fashion(1000, 6000)
    values = {"gap, formula": math.log((CLASSES - 1) * (1 - SMOOTHING) / SMOOTHING)}
    for arm, recipe in ARMS.items():
        run = train(recipe, data, seed=seed, evaluations=1)
        values[f"accuracy, {arm}"], values[f"gap, {arm}"] = run.validation.value, logit_gap(run.model, data)
    return values


def logit_gap(model: torch.nn.Module, data: Data) -> float:
    """Mean over the training split of the true class's logit minus the mean of the others'."""
    return gap(predict(model, data.train, data.specification).clamp_min(1e-37).log(), data.train.targets)


def gap(logits: Tensor, targets: Tensor) -> float:
    """The same of logits, or of anything that differs from them by a constant a row, as logarithms of softmax do."""
    true = logits.gather(1, targets[:, None])[:, 0]
    others = (logits.sum(1) - true) / (logits.shape[1] - 1)
    return float((true - others).mean())


EFFECT = Effect(
    name="label-smoothing",
    claim="at the minimum the gap between the true class's logit and the others is log((K - 1)(1 - eps) / eps), 9.1 "
    "for K = 1000 and eps = 0.1, and without smoothing it grows without bound; ImageNet ResNet-50-D 77.91 -> 78.31 "
    "top-1",
    source="He et al. 2018, section 5.2 and table 6",
    setting="ResNet-8 of width 16 on 1,000 Fashion-MNIST images, K = 10, 40 epochs of batch 64, SGD of rate 0.1 "
    "without decay, cosine; smoothing 0.1 spread over the others; gap on the images trained on, accuracy on 6,000 "
    "held out",
    unit="(logits, or accuracy)",
    contrasts=(
        Contrast("gap with smoothing for the formula's", "gap, formula", "gap, smoothed", 0),
        Contrast("gap with smoothing for without", "gap, plain", "gap, smoothed", -1),
        Contrast("accuracy with smoothing for without", "accuracy, plain", "accuracy, smoothed", 1),
    ),
    measure=measure,
    seeds=5,
)
