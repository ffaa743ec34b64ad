"""Healthy programs that classify small pictures."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor, nn

from faults.choices import draw_activation, draw_form, draw_optimizer, draw_schedule, draw_step
from faults.examples import Examples, unchanged
from faults.parts import Parts
from faults.tasks import classification
from faults.worlds.image_networks import draw_network
from faults.worlds.pictures import load, sources

Pictures = tuple[Tensor, ...]


def draw(chance: random.Random) -> Parts:
    """Source, network, norm, loss, optimiser, schedule, augmentation and form, all at random."""
    source = chance.choice(sources())
    pixels, labels = load(source, chance)
    classes, shape = int(labels.max()) + 1, tuple(pixels.shape[1:])
    cut = int(0.75 * len(labels))
    activation = draw_activation(chance)
    make_model, traits = draw_network((shape[0], shape[1], shape[2]), classes, chance, activation)
    loss_fn, loss = draw_loss(chance)
    augment = chance.choice([None, None, "shift", "noise"])
    mean, deviation = pixels[:cut].mean(), pixels[:cut].std()
    traits |= {source, loss, "classification", *({"augmented"} if augment else set())}
    traits |= {"colour"} if shape[0] == 3 else set()
    traits |= {"relu"} if activation is nn.ReLU else set()
    return Parts(
        domain="images", traits=frozenset(traits), task=classification(labels[cut:], classes),
        train=Examples((pixels[:cut],), labels[:cut]), validation=Examples((pixels[cut:],), labels[cut:]),
        make_model=make_model, loss_fn=loss_fn, make_optimizer=draw_optimizer(chance),
        epochs=12 if source == "cifar10" else 8, batch_size=chance.choice([32, 50, 64]), form=draw_form(chance),
        augment={None: unchanged, "shift": shift, "noise": add_noise}[augment],
        prepare=standardiser(mean, deviation), **draw_schedule(chance), **draw_step(chance),
    )  # fmt: skip


def draw_loss(chance: random.Random) -> tuple[Callable[..., Tensor], str]:
    """Cross-entropy, plain or smoothed, as a module or as a function."""
    if chance.random() < 0.2:
        return nn.CrossEntropyLoss(label_smoothing=0.1), "label_smoothing"
    return chance.choice([nn.CrossEntropyLoss(), nn.functional.cross_entropy]), "cross_entropy"


def standardiser(mean: Tensor, deviation: Tensor) -> Callable[[Pictures], Pictures]:
    """(pixels - mean) / deviation."""
    return lambda inputs: ((inputs[0] - mean) / deviation,)


def shift(inputs: Pictures) -> Pictures:
    """Up to one pixel in each direction."""
    down, across = (int(way) for way in torch.randint(-1, 2, (2,)))
    return (inputs[0].roll((down, across), (-2, -1)),)


def add_noise(inputs: Pictures) -> Pictures:
    """A little Gaussian noise."""
    return ((inputs[0] + 0.03 * torch.randn_like(inputs[0])).clamp(0.0, 1.0),)
