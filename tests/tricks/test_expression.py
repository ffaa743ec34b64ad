"""Tricks as one writes them on the command line."""

import pytest

from assay.errors import InputError
from assay.parts import describe_part
from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS
from assay.tricks.expression import read_trick
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.restart import Restart
from assay.tricks.schedule.warmup import Warmup
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
        ("restart(cosine(floor=0.1), 5)", Restart(Cosine(floor=0.1), 5.0)),
        (
            "Chain(schedules=[Warmup(1), Restart(linear_decay(0), period_epochs=2)], at=[0.3], of='momentum')",
            Chain((Warmup(1.0), Restart(LinearDecay(0.0), 2.0)), (0.3,), of="momentum"),
        ),
    ],
)
def test_what_is_written_is_what_is_meant(text, trick):
    assert read_trick(text) == trick


@pytest.mark.parametrize("kind", TRICKS, ids=lambda kind: kind.__name__)
def test_every_trick_reads_back_from_what_it_prints(kind):
    assert read_trick(repr(kind())) == kind()


@pytest.mark.parametrize("trick", [Chain((Restart(OneCycle(), 3.0), Cosine()), (0.5,)), Product((Cosine(),))], ids=str)
def test_the_short_form_reads_back_too(trick):
    assert read_trick(describe_part(trick)) == trick


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
        ("Restart(cosin())", r"there is no trick called 'cosin'; did you mean cosine\?"),
        (
            "Restart(Cosine(flor=1))",
            r"^Cosine\(flor=1\): Cosine has no argument 'flor'; known are warmup_epochs, floor",
        ),
        ("Restart(Cosine(floor=3))", r"^Cosine\(floor=3\): floor must be in \[0, 1\], got 3.0"),
        ("Restart(Cosine(**{}))", r"is not written as .*, or Restart\(Cosine\(\)\) for one inside another"),
        ("Restart(Cosine)", r"is not written as .*, or Restart\(Cosine\(\)\) for one inside another"),
        ("Restart(Mixup())", r"schedule must be a schedule trick, got Mixup\(alpha=0.2\)"),
        ("Chain((Cosine(), 0.5), (0.5,))", "schedules must be a list, each a schedule trick, got"),
        ("Product((RisingMomentum(),))", "schedules must be a list, each a schedule trick, got"),
        ("ZeroGamma(1)", "takes at most 0 values"),
        ("", "there is no trick called ''"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        read_trick(text)
