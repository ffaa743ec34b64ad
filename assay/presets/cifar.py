"""Published recipes for CIFAR-10 and CIFAR-100; figures are test errors or accuracies as their sources report them."""

from __future__ import annotations

from assay.models.airbench import Airbench
from assay.models.resnet import ResNet
from assay.models.shake_shake import ShakeShakeNet
from assay.optimizers import SGD
from assay.presets.preset import Preset, stacked
from assay.recipe import Recipe
from assay.tricks.average.snapshots import Snapshots
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.inference.flip_average import FlipAverage
from assay.tricks.inference.logit_scale import LogitScale
from assay.tricks.loss.sum_loss import SumLoss
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.optimizer.norm_bias_rate import NormBiasRate
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.cyclic_cosine import CyclicCosine
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.sgdr import SGDR
from assay.tricks.target.label_smoothing import LabelSmoothing
from assay.tricks.weights.lookahead import Lookahead

AIRBENCH = "Jordan 2024 (arXiv:2404.00498)"
SGDR_PAPER = "Loshchilov & Hutter 2016 (arXiv:1608.03983)"
SNAPSHOTS = "Huang et al. 2017 (arXiv:1704.00109)"
SUPER = "Smith & Topin 2017 (arXiv:1708.07120)"
SHAKE = "Gastaldi 2017 (arXiv:1705.07485)"
STANDARD = (Crop(4), Flip())


def airbench() -> tuple[Preset, ...]:
    """94 % in seconds, and 96 %."""

    def recipe(network: Airbench, epochs: float, rate: float, decay: float, shift: int, *more: object) -> Recipe:
        batch, momentum = 1024, 0.85
        # Rate and decay are for 1024 examples without momentum; Nesterov's makes a step 1 + 1 / (1 - momentum) as long.
        rate_per_example = rate / 1024 / (1 + 1 / (1 - momentum))
        optimizer = SGD(rate_per_example, momentum, True, decay * batch / rate)
        cycle = OneCycle(start_factor=0.2, end_factor=0.07, peak_progress=0.23, shape="linear")
        return stacked(
            Recipe(model=network, optimizer=optimizer, batch_size=batch, epochs=epochs), cycle, SumLoss(),
            LabelSmoothing(0.2), PatchWhitening(bias_epochs=3.0), LogitScale(1 / 9), NormBiasRate(64.0),
            Lookahead(5, share=1 - 0.95**5, rise=3.0), Flip("alternating"), Crop(shift), FlipAverage(shift=1), *more,
        )  # fmt: skip

    facts = {"source": AIRBENCH, "data": "CIFAR-10"}
    notes = ("rate and decay are converted from 1024 examples as the source's code does",
             "Lookahead pulls the weights; the source's also the running statistics of norms",
             "the whitening is fitted on the patches of the first batch less their mean, the source's on those of "
             "5,000 images as they are",
             "the convolution behind the whitening starts at random, the source's as the identity")  # fmt: skip
    wide = Airbench(widths=(128, 384, 512))
    return (
        Preset("airbench94", recipe(Airbench(), 9.9, 11.5, 0.0153, 2), "94.01 %, 3.09 s on one A100", deviations=notes,
               **facts),
        Preset("airbench96", recipe(wide, 37, 9.0, 0.012, 4, Cutout(12)), "96.03 %",
               deviations=(*notes, "groups have two convolutions; the source's three, the last two of them residual"),
               **facts),
    )  # fmt: skip


def wide_residual() -> tuple[Preset, ...]:
    """WRN-28-10 with warm restarts, and with snapshots."""

    def recipe(rate: float) -> Recipe:
        model, optimizer = ResNet.wide(28, 10), SGD(rate, 0.9, False, 5e-4)
        return stacked(Recipe(model=model, optimizer=optimizer, batch_size=128, epochs=200), *STANDARD)

    return (
        Preset("cifar-sgdr", recipe(0.05) | SGDR(10, 2), "4.03 % error on CIFAR-10, 19.58 % on CIFAR-100", SGDR_PAPER,
               (), "CIFAR"),
        Preset("cifar-snapshot", stacked(recipe(0.2), CyclicCosine(5), Snapshots(5)),
               "3 runs of 3 snapshots under SGDR: 3.25 % error on CIFAR-10, 16.64 % on CIFAR-100", SNAPSHOTS,
               ("one run of five snapshots; the figure is of Loshchilov & Hutter's ensemble of nine",
                "network, batch size, momentum and weight decay are those of cifar-sgdr"), "CIFAR"),
    )  # fmt: skip


def super_convergence() -> tuple[Preset, ...]:
    """ResNet-56 in 10,000 steps."""
    base = Recipe(model=ResNet(56, 16), optimizer=SGD(3.0, 0.9, False, 1e-4), batch_size=1000, epochs=200)
    cycle = OneCycle(start_factor=0.1 / 3, end_factor=0.1 / 3, peak_progress=0.5, momentum=(0.95, 0.85), shape="linear")
    notes = ("200 epochs of 50,000 images are the source's 10,000 steps", "the decay, `small` in the source, is 1e-4",
             "momentum cycles between 0.95 and 0.85, as Smith 2018 advises; the figure is of a constant 0.9",
             "flips and crops are ours: what the source does to its images was not read by us")  # fmt: skip
    published = "92.4 % after 10,000 steps, 91.2 % after 80,000 at piecewise-constant rates"
    return (Preset("cifar-superconvergence", stacked(base, *STANDARD, cycle), published, SUPER, notes, "CIFAR-10"),)


def shake_shake() -> tuple[Preset, ...]:
    """26 2x32d, 2x64d and 2x96d with Shake-Shake-Image."""

    def preset(width: int, error: str) -> Preset:
        model = ShakeShakeNet(width=width, forward="shake", backward="shake", level="image")
        base = Recipe(model=model, optimizer=SGD(0.2, 0.9, True, 1e-4), batch_size=128, epochs=1800)
        return Preset(f"cifar-shake-shake-{width}", stacked(base, *STANDARD, Cosine()), f"{error} % error", SHAKE,
                      ("weight decay 1e-4 and Nesterov momentum 0.9 are quoted from memory of the source",),
                      "CIFAR-10")  # fmt: skip

    return (preset(32, "3.55"), preset(64, "2.98"), preset(96, "2.86"))


CIFAR: tuple[Preset, ...] = (*airbench(), *wide_residual(), *super_convergence(), *shake_shake())
