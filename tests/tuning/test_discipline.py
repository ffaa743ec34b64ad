"""The disciplined approach: its steps, what each decides, and its words."""

from __future__ import annotations

import pytest
from remembering import Remembering

from assay.data.data import Data
from assay.errors import InputError
from assay.finding import Report
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.trial import in_turn, measure_on
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.rising_momentum import RisingMomentum
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.label_smoothing import LabelSmoothing
from assay.tuning.discipline import CYCLE, MOMENTA, Discipline, bisected, discipline, under_one_cycle
from assay.tuning.discipline_findings import tell_discipline
from assay.tuning.range_test import RangeTest
from assay.tuning.search import Bench

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=SGD(learning_rate=1e-3), batch_size=8, epochs=3)


def run(data: Data, recipe: Recipe = RECIPE, bench: Bench | None = None) -> Discipline:
    return discipline(recipe, data, in_turn(measure_on(data)), bench=bench, judging_seeds=2, range_steps=30)


def test_steps_in_order_with_figures(tiny_images: Data) -> None:
    done = run(tiny_images)
    findings = tell_discipline(done, "accuracy")
    assert [finding.id for finding in findings] == [
        "batch_size",
        "learning_rate",
        "momentum",
        "weight_decay",
        "discipline",
    ]
    assert [len(finding.figures) for finding in findings[1:]] == [1] * (len(findings) - 1)
    assert len(findings[0].figures) == int(len(done.batch.peak_bytes) > 1)
    report = Report("tune", tuple(findings))
    assert Report.from_dict(report.to_dict()) == report


def test_what_each_step_decides(tiny_images: Data) -> None:
    done = run(tiny_images)
    assert done.recipe.batch_size == done.batch.batch_size
    assert done.recipe.own_optimizer.learning_rate == float(f"{done.tested.high:.3g}")
    assert [one.settings.get("momentum") for one in done.momentum] == [*MOMENTA, None]
    best = max(done.decay, key=lambda one: one.rank)
    assert done.recipe.own_optimizer.weight_decay == best.settings["weight_decay"]
    assert done.recipe.has(OneCycle)
    assert done.chosen in (done.own, done.recipe)


def test_a_second_time_trains_nothing_anew(tiny_images: Data) -> None:
    trainer = Remembering()
    bench = Bench(RECIPE, tiny_images, trainer=trainer)
    first, trained = run(tiny_images, bench=bench), trainer.anew
    assert trained
    assert run(tiny_images, bench=bench) == first
    assert trainer.anew == trained


def test_an_optimizer_without_momentum_skips_that_step(tiny_images: Data) -> None:
    done = run(tiny_images, RECIPE.change_optimizer(momentum=0.0))
    assert done.momentum == ()
    assert "momentum" not in [finding.id for finding in tell_discipline(done, "accuracy")]


def test_decays_of_adamw_are_a_hundred_times_those_of_sgd(tiny_images: Data) -> None:
    done = run(tiny_images, RECIPE.change(optimizer=AdamW(learning_rate=1e-3)))
    assert [one.settings["weight_decay"] for one in done.decay[:4]] == [0.1, 0.01, 0.001, 0.0]


def test_bisecting_an_exponent_by_hand() -> None:
    assert bisected(1e-4, 0.5) == [3.16e-5, 3.16e-4]
    assert bisected(1e-4, 0.25) == [5.62e-5, 1.78e-4]


def test_the_cycle_takes_the_place_of_every_schedule() -> None:
    recipe = RECIPE | Cosine() | Warmup(epochs=1) | LabelSmoothing(0.1) | RisingMomentum()
    assert under_one_cycle(recipe).tricks == (LabelSmoothing(0.1), CYCLE)


def test_a_fixed_decay_is_refused_by_name(tiny_images: Data) -> None:
    with pytest.raises(InputError, match="WeightDecay fixes the weight decay, which is one of the steps; take it out"):
        run(tiny_images, RECIPE | WeightDecay(0.1))


class TestEarlySigns:
    RATES = (1e-3, 1e-2, 1e-1, 1.0)

    def test_validation_rises_while_training_falls(self) -> None:
        tested = RangeTest(self.RATES, (2.0, 1.0, 0.5, 0.4), 1e-3, 1e-1, looks=((1e-3, 2.0), (1e-2, 1.0), (1e-1, 1.2)))
        assert tested.overfits_from == 1e-1

    def test_both_rise(self) -> None:
        tested = RangeTest(self.RATES, (2.0, 1.0, 1.5, 3.0), 1e-3, 1e-2, looks=((1e-3, 2.0), (1e-2, 1.0), (1e-1, 1.2)))
        assert tested.overfits_from is None

    def test_without_looks_nothing_is_said(self) -> None:
        assert RangeTest(self.RATES, (2.0, 1.0, 0.5, 0.4), 1e-3, 1e-1).overfits_from is None
