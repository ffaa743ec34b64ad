"""Tricks as one writes them on the command line."""

import pytest

from assay.errors import InputError
from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS
from assay.tricks.expression import read_trick
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.target.label_smoothing import LabelSmoothing


@pytest.mark.parametrize(
    ("text", "trick"),
    [
        ("Mixup(alpha=0.4)", Mixup(0.4)),
        ("Mixup(0.4)", Mixup(0.4)),
        ("mixup", Mixup()),
        (" mixup() ", Mixup()),
        ("mixup(alpha=1)", Mixup(1.0)),
        ("label-smoothing(0.2, form='others')", LabelSmoothing(0.2, form="others")),
        ("OneCycle(momentum=(0.95, 0.85), shape='linear')", OneCycle(momentum=(0.95, 0.85), shape="linear")),
        ("one-cycle(momentum=[0.95, 0.85])", OneCycle(momentum=(0.95, 0.85))),
        ("OneCycle(momentum=None)", OneCycle()),
        ("PatchWhitening(bias_epochs=inf)", PatchWhitening()),
    ],
)
def test_what_is_written_is_what_is_meant(text, trick):
    assert read_trick(text) == trick


@pytest.mark.parametrize("kind", TRICKS, ids=lambda kind: kind.__name__)
def test_every_trick_reads_back_from_what_it_prints(kind):
    assert read_trick(repr(kind())) == kind()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mixip(1)", r"no trick called 'mixip'; did you mean mixup\?"),
        ("Mixup(beta=1)", r"Mixup\(beta=1\): Mixup has no argument 'beta'; known are alpha"),
        ("Mixup(0.1, 0.2)", "Mixup takes at most 1 values, got 2"),
        ("Mixup(0.1, alpha=0.2)", "alpha is given twice"),
        ("Mixup('much')", r"Mixup\('much'\): alpha must be a number, got 'much'"),
        ("Mixup(-1)", r"Mixup\(-1\): alpha must be 0 or finite and at least 0.01, got -1.0"),
        ("Mixup(alpha=", "is not written as a trick with plain values"),
        ("Mixup(0.4) | Crop()", "is not written as a trick with plain values"),
        ("Mixup(__import__('os').getpid())", "is not written as a trick with plain values"),
        ("Mixup(**{'alpha': 1})", "is not written as a trick with plain values"),
        ("ZeroGamma(1)", "takes at most 0 values"),
        ("", "there is no trick called ''"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        read_trick(text)
