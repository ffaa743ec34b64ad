"""Output bias from the class frequencies, and the hockey stick that it takes off the loss curve."""

from __future__ import annotations

from effect import Contrast, Effect
from scipy.stats import entropy
from subjects import fashion, imbalanced

from assay.data.data import Data
from assay.evaluation import evaluate
from assay.models.resnet import ResNet
from assay.optimizers import Adam
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.initialisation.output_bias_init import OutputBiasInit

T_SHIRT, SHIRT = 0, 6
# Group norm: with it the loss of the whole split can be looked at between steps, as training sees it.
MODEL = ResNet(8, 8, stem="half", norm="group")
USUAL = Recipe(model=MODEL, optimizer=Adam(3e-4), batch_size=64, epochs=10)
ARMS = {"usual bias": USUAL, "marginals": USUAL | OutputBiasInit()}


def measure(seed: int) -> dict[str, float]:
    """Loss before the first step, and steps until inputs and not only frequencies are learned, of both."""
    data = imbalanced(fashion(10_000, 2000), rare=SHIRT, common=T_SHIRT, ratio=10)
    values = {}
    for arm, recipe in ARMS.items():
        values[f"first loss, {arm}"], values[f"steps, {arm}"] = descend(recipe, data, seed)
    return values


def descend(recipe: Recipe, data: Data, seed: int) -> tuple[float, float]:
    """The training split's loss before the first step, and steps until it is below the marginals' entropy."""
    training = Training(recipe, data, seed=seed, evaluations=1)
    known = float(entropy(data.specification.class_frequencies))
    first = loss = training_loss(training)
    steps = iter(training)
    while loss >= known and training.step < training.total_steps:
        next(steps)
        loss = training_loss(training)
    return first, float(training.step)


def training_loss(training: Training) -> float:
    """Mean loss of the training split under the weights as they are."""
    return evaluate(training.learner.model, training.data.train, training.data.specification).loss


EFFECT = Effect(
    name="output-bias",
    claim="with a bias that predicts 0.1 at a ratio of 1:10 the loss curve is no hockey stick, whose first steps only "
    "learn the bias; no figure",
    source="Karpathy 2019, 'A Recipe for Training Neural Networks'",
    setting="ResNet-8 of width 8 with group norm, shirts among ten times as many T-shirts of 10,000 Fashion-MNIST "
    "images, batch 64, Adam of rate 3e-4; loss of the whole training split after every step, at most 10 epochs",
    unit="(nats, or steps)",
    contrasts=(
        Contrast("loss before the first step", "first loss, usual bias", "first loss, marginals", -1),
        Contrast("steps until the loss is below the marginals' entropy", "steps, usual bias", "steps, marginals", -1),
    ),
    measure=measure,
    seeds=10,
    higher_is_better=False,
)
