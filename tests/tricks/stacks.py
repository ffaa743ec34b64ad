"""Which recipe each trick can join, and which values show it at work, for the tests over the whole catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assay.losses import MeanSquaredError
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.recurrent import Recurrent
from assay.models.resnet import ResNet
from assay.models.shake_shake import ShakeShakeNet
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe, Trick
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay

Home = Callable[[float], Recipe]


def residual(epochs: float = 20.0) -> Recipe:
    """A small ResNet under SGD with momentum: most tricks can join it."""
    return Recipe(model=ResNet(width=4), optimizer=SGD(learning_rate=0.05), batch_size=8, epochs=epochs)


def decoupled(epochs: float = 20.0) -> Recipe:
    """The same under AdamW, whose weight decay is outside the gradient."""
    return residual(epochs).change(optimizer=AdamW())


def table(epochs: float = 20.0) -> Recipe:
    """Regression on a table, for losses of real numbers."""
    return Recipe(MLP(hidden=(8,)), MeanSquaredError(), SGD(learning_rate=0.05), batch_size=12, epochs=epochs)


def signals(epochs: float = 20.0) -> Recipe:
    """Regression on vectors of an array, which may be signals; shifted ones are large, which AdamW bears."""
    return table(epochs).change(optimizer=AdamW())


def long_memory(epochs: float = 20.0) -> Recipe:
    """An LSTM that reads images row by row."""
    return residual(epochs).change(model=Recurrent(width=6))


def simple_memory(epochs: float = 20.0) -> Recipe:
    """The same with simple recurrent cells, as wide as the trick's defaults need."""
    return residual(epochs).change(model=Recurrent("rnn", width=16))


def two_branches(epochs: float = 20.0) -> Recipe:
    """A small two-branch network, which shake-shake is about."""
    return residual(epochs).change(model=ShakeShakeNet(depth=8, width=4))


TEACHER = Path(__file__).parent / "target" / "teacher.pt2"
"""What `save_teacher` made of a small convolutional network for the four classes of tiny images."""

HOMES: dict[str, Home] = {
    "ShakeShake": two_branches,
    "ForgetBias": long_memory,
    "SpectralRadius": simple_memory,
    "ResNetB": lambda epochs: residual(epochs).change(model=ResNet(11, width=4, block="bottleneck", downsampling="A")),
    "GlobalAveragePooling": lambda epochs: residual(epochs).change(model=ConvNet((4, 8), head="flatten")),
    "InstanceNorm": lambda epochs: residual(epochs).change(model=ConvNet((4, 8))),
    "NormalisedWeightDecay": decoupled,
    "MeanAbsoluteError": table,
    "Huber": table,
    "TimeShift": signals,
    "TimeMask": signals,
}
"""By class name: where a trick lives that cannot join `residual`."""

EXAMPLES: dict[str, dict[str, object]] = {
    "DropBlock": {"size": 2},
    "Distillation": {"teacher": str(TEACHER)},
    "GrowBatch": {"milestones": (0.05,)},
    "SWA": {"start_progress": 0.0, "every_epochs": 0.34},
    "Snapshots": {"at": (0.02, 0.05)},
    "ClassWeights": {"weights": (1.0, 2.0, 1.0, 0.5)},
    "Mosaic": {"probability": 1.0},
    "RareClassCrops": {"classes": (0, 1)},
    "Chain": {"schedules": (LinearDecay(0.5), Cosine()), "at": (0.05,)},
    "Restart": {"schedule": LinearDecay(0.1), "period_epochs": 1.0},
}
"""By class name: arguments under which a trick does something within a few steps, where its defaults do not."""


def home(kind: type[Trick], epochs: float = 20.0) -> Recipe:
    """A recipe that this trick can join."""
    return HOMES.get(kind.__name__, residual)(epochs)


def example(kind: type[Trick]) -> Trick:
    """The trick with values that show it at work."""
    return kind(**EXAMPLES.get(kind.__name__, {}))


def share_a_home(*kinds: type[Trick]) -> bool:
    """Whether one recipe can hold them all, as far as its network goes; of one trick: whether it is `residual`."""
    homes = {HOMES.get(kind.__name__, residual) for kind in kinds}
    return len(homes) == 1 if len(kinds) > 1 else homes == {residual}
