"""Other training libraries over the same ready batches, each through its own front door.

Trainers that own the loop are timed from inside it, by a callback after every batch: their start-up
does not count. A library that is not installed does not take part; peers.txt says how to install all.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import cycle, islice
from typing import Any

import torch
import torch.nn.functional as F
from contest import Contestant
from torch import Tensor, nn
from torch.optim import Optimizer

Clock = Callable[[], float]
"""Seconds since some moment: `time.perf_counter`, or `time.thread_time` for one thread's processor time."""

Fresh = Callable[[], tuple[nn.Module, Optimizer]]
Batches = Sequence[tuple[Tensor, Tensor]]

PACKAGES = ("lightning-fabric", "lightning", "fastai", "mosaicml")
WARM_STEPS = 5


def peer_contestants(fresh: Fresh, batches: Batches, steps: int, clock: Clock) -> dict[str, Contestant]:
    """A contestant for each library that is installed."""
    if find_spec("torchvision"):
        define_vision_operators()
    known = {
        "lightning-fabric": ("lightning_fabric", fabric_loop),
        "lightning": ("lightning", lightning_trainer),
        "fastai": ("fastai", fastai_learner),
        "composer": ("composer", composer_trainer),
    }
    return {name: make(fresh, batches, steps, clock) for name, (module, make) in known.items() if find_spec(module)}


class ReadyBatches:
    """A loader of `count` batches that lie ready: iterates anew each time."""

    batch_size = None

    def __init__(self, batches: Batches, count: int) -> None:
        self.batches, self.count = batches, count
        self.batch_size = len(batches[0][0])
        self.dataset = batches

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        # Plain tuples: some trainers rebuild a NamedTuple, slowly.
        return ((inputs, targets) for inputs, targets in islice(cycle(self.batches), self.count))


class StepClock:
    """Moments after each batch; the first `WARM_STEPS` do not count."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.moments: list[float] = []

    def tick(self) -> None:
        self.moments.append(self.clock())

    def seconds_per_step(self) -> float:
        moments = self.moments[WARM_STEPS - 1 :]
        return (moments[-1] - moments[0]) / (len(moments) - 1)


def fabric_loop(fresh: Fresh, batches: Batches, steps: int, clock: Clock) -> Contestant:
    """Lightning Fabric: the hand-written loop with its wrappers around model and optimiser."""
    from lightning_fabric import Fabric

    fabric = Fabric(accelerator="cpu", devices=1)
    model, optimizer = fabric.setup(*fresh())

    def run() -> float:
        model.train()
        started = clock()
        for inputs, targets in islice(cycle(batches), steps):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs), targets)
            fabric.backward(loss)
            optimizer.step()
        return (clock() - started) / steps

    return run


def lightning_trainer(fresh: Fresh, batches: Batches, steps: int, clock: Clock) -> Contestant:
    """Lightning's Trainer without logger, checkpoints and bar."""
    import lightning

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    network, network_optimizer = fresh()

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            return F.cross_entropy(self.network(batch[0]), batch[1])

        def configure_optimizers(self) -> Optimizer:
            return network_optimizer

    class Ticks(lightning.Callback):
        def __init__(self, ticks: StepClock) -> None:
            self.ticks = ticks

        def on_train_batch_end(self, *args: Any, **kwargs: Any) -> None:
            self.ticks.tick()

    module = Module()

    def run() -> float:
        ticks = StepClock(clock)
        trainer = lightning.Trainer(
            accelerator="cpu", devices=1, max_epochs=1, logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, callbacks=[Ticks(ticks)],
        )  # fmt: skip
        trainer.fit(module, ReadyBatches(batches, steps + WARM_STEPS))
        return ticks.seconds_per_step()

    return run


def fastai_learner(fresh: Fresh, batches: Batches, steps: int, clock: Clock) -> Contestant:
    """fastai's Learner with PyTorch's optimiser, without bar (its module is not imported) and printed table."""
    from fastai.callback.core import Callback
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.optimizer import OptimWrapper

    class Ticks(Callback):
        order = 1000

        def __init__(self, ticks: StepClock) -> None:
            self.ticks = ticks

        def after_batch(self) -> None:
            self.ticks.tick()

    class FastaiBatches(ReadyBatches):
        n_inp = 1

    model, optimizer = fresh()
    loader = FastaiBatches(batches, steps + WARM_STEPS)
    loaders = DataLoaders(loader, [], device=torch.device("cpu"))
    learner = Learner(loaders, model, loss_func=F.cross_entropy, opt_func=lambda *_, **__: OptimWrapper(opt=optimizer),
                      lr=optimizer.param_groups[0]["lr"])  # fmt: skip

    def run() -> float:
        ticks = StepClock(clock)
        with learner.no_logging():
            learner.fit(1, cbs=[Ticks(ticks)])
        return ticks.seconds_per_step()

    return run


def composer_trainer(fresh: Fresh, batches: Batches, steps: int, clock: Clock) -> Contestant:
    """Composer's Trainer without algorithms, loggers and bar."""
    from composer import Callback, DataSpec, Trainer
    from composer.models import ComposerModel

    logging.getLogger("composer").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    model, optimizer = fresh()

    class Module(ComposerModel):
        def __init__(self) -> None:
            super().__init__()
            self.network = model

        def forward(self, batch: tuple[Tensor, Tensor]) -> Tensor:
            return self.network(batch[0])

        def loss(self, outputs: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
            return F.cross_entropy(outputs, batch[1])

    class Ticks(Callback):
        def __init__(self, ticks: StepClock) -> None:
            self.ticks = ticks

        def batch_end(self, state: Any, logger: Any) -> None:
            self.ticks.tick()

    module = Module()

    def run() -> float:
        ticks = StepClock(clock)
        trainer = Trainer(
            model=module, optimizers=optimizer, max_duration=f"{steps + WARM_STEPS}ba", device="cpu",
            train_dataloader=DataSpec(ReadyBatches(batches, steps + WARM_STEPS)), callbacks=[Ticks(ticks)],
            progress_bar=False, log_to_console=False,
        )  # fmt: skip
        trainer.fit()
        trainer.close()
        return ticks.seconds_per_step()

    return run


@cache
def define_vision_operators() -> torch.library.Library:
    """Peers import torchvision, whose wheel does not load beside a CPU build without these two names.

    Kept for good: operators live as long as their library.
    """
    library = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library
