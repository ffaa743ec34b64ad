"""Studies with a `measure` that looks answers up: what is trained, what is decided, and at what error rate."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from assay.ablation.designs.catalog import DESIGNS
from assay.ablation.sequential import Looks
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.recipe import Recipe, Trick
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.target.label_smoothing import LabelSmoothing

BASELINE = Recipe(model=MLP(), epochs=3)
TRICKS: tuple[Trick, ...] = (Cosine(), EMA(), LabelSmoothing(), Dropout(), GradientClip())


@dataclass
class Laboratory:
    """A `Measure` with normal noise of deviation 1 for each (recipe, seed), half of it shared by a seed."""

    worth: dict[type, float]
    random: np.random.Generator
    spread: float = 1.0
    log: list[tuple[Recipe, int]] = field(default_factory=list)
    known: dict[tuple[str, int], float] = field(default_factory=dict)

    def noise(self, name: str, seed: int) -> float:
        return self.known.setdefault((name, seed), float(self.random.normal()))

    def __call__(self, recipe: Recipe, seed: int) -> Trial:
        self.log.append((recipe, seed))
        value = sum(self.worth.get(type(trick), 0.0) for trick in recipe.tricks)
        value += self.noise("", seed) + self.spread * self.noise(recipe.key(), seed) / math.sqrt(2)
        return Trial(recipe, seed, value, 0.0, 1, 60, 1.0, np.array([value]))


def study(worth: dict[type, float], seed: int = 460, **options) -> tuple[Study, Laboratory]:
    spread = options.pop("spread", 1.0)
    laboratory = Laboratory(worth, np.random.default_rng(seed), spread)
    tricks, design = options.pop("tricks", TRICKS), options.pop("design", "add-one")
    return run_study(BASELINE, tricks, in_turn(laboratory), design=DESIGNS[design], **options), laboratory


def test_no_arm_is_trained_twice_on_a_seed() -> None:
    for design in DESIGNS:
        made, laboratory = study({}, design=design, looks=Looks((3,)))
        assert max(Counter((recipe.key(), seed) for recipe, seed in laboratory.log).values()) == 1
        assert made.trainings == made.fixed == len(laboratory.log)


def test_a_clear_trick_stops_early_and_the_baseline_goes_on_for_the_others() -> None:
    made, laboratory = study({Cosine: 9.0, EMA: 0.08}, spread=0.05, looks=Looks((3, 6, 12)))
    found = {effect.name: effect for effect in made.effects}
    assert (found["Cosine()"].verdict, found["Cosine()"].n) == ("helps", 3)
    seeds = Counter(recipe.describe() for recipe, _ in laboratory.log)
    assert seeds[(BASELINE | Cosine()).describe()] == 3
    assert seeds[BASELINE.describe()] == max(effect.n for effect in made.effects) > 3
    assert made.trainings < made.fixed
    assert found["GradientClip()"].verdict == "no measurable effect"


def test_estimates_are_means_of_paired_differences() -> None:
    made, laboratory = study({}, looks=Looks((4,)), tricks=(Cosine(), EMA()))
    keys = {trick: (BASELINE | trick).key() for trick in (Cosine(), EMA())}
    for effect, trick in zip(made.effects, keys, strict=True):
        apart = [laboratory.known[keys[trick], s] - laboratory.known[BASELINE.key(), s] for s in range(4)]
        assert effect.estimate == pytest.approx(np.mean(apart) / math.sqrt(2))
        assert effect.low < effect.estimate < effect.high
        assert (effect.chance_it_helps > 0.5) == (effect.estimate > 0)
        assert (effect.p < 0.05) == (not effect.low <= 0 <= effect.high)


def test_time_that_runs_out_makes_the_look_the_last_with_all_that_is_left_to_spend() -> None:
    worth: dict[type, float] = {Cosine: 3.0}
    patient, _ = study(worth, tricks=(Cosine(),), looks=Looks((3, 12)), spread=0.4, seed=461)
    hasty, laboratory = study(worth, tricks=(Cosine(),), looks=Looks((3, 12)), spread=0.4, seed=461,
                              share_used=lambda: 0.9)  # fmt: skip
    assert len(laboratory.log) == 6
    assert (hasty.effects[0].verdict, hasty.out_of_time, patient.out_of_time) == ("helps", False, False)
    assert patient.effects[0].n >= hasty.effects[0].n == 3


def test_what_is_still_open_when_the_time_is_over_says_so() -> None:
    made, _ = study({Cosine: 1.0}, tricks=(Cosine(), EMA()), looks=Looks((3, 12)), share_used=lambda: 0.9)
    assert made.out_of_time
    open_ones = [effect for effect in made.effects if effect.verdict == "no measurable effect"]
    assert {effect.reason for effect in open_ones} <= {
        "the time was over",
        "more seeds would hardly have made it clear",
    }
    assert "the time was over" in {effect.reason for effect in open_ones}


def test_trainings_have_the_seeds_that_were_asked_for() -> None:
    _, laboratory = study({}, looks=Looks((3,)), first_seed=7)
    assert {seed for _, seed in laboratory.log} == {7, 8, 9}


def test_seconds_a_step_are_those_with_it_by_those_without() -> None:
    class Slow(Laboratory):
        def __call__(self, recipe: Recipe, seed: int) -> Trial:
            trial = super().__call__(recipe, seed)
            return replace(trial, seconds=3.0 if recipe.has(EMA) else 2.0)

    laboratory = Slow({}, np.random.default_rng(462))
    made = run_study(BASELINE, (Cosine(), EMA()), in_turn(laboratory), design=DESIGNS["pairs"], looks=Looks((3,)))
    assert [effect.seconds_per_step_ratio for effect in made.effects[:2]] == [1.0, 1.5]
    assert math.isnan(made.effects[2].seconds_per_step_ratio)


def test_an_effect_knows_its_range_of_seconds_its_examples_and_the_epochs_on_both_sides() -> None:
    class Shorter(Laboratory):
        """At equal seconds: half the epochs with the moving average; on seed 1 everything else is slow."""

        def __call__(self, recipe: Recipe, seed: int) -> Trial:
            trial = super().__call__(recipe.change(epochs=1.5) if recipe.has(EMA) else recipe, seed)
            return replace(trial, seconds=6.0 if recipe.has(EMA) else 3.0 + 2.0 * (seed == 1))

    laboratory = Shorter({}, np.random.default_rng(463))
    made = run_study(BASELINE, (Cosine(), EMA()), in_turn(laboratory), design=DESIGNS["pairs"], looks=Looks((3,)))
    cosine, ema, both = made.effects
    assert (ema.epochs, ema.has_other_length) == ((1.5, 3.0), True)
    assert (cosine.epochs, cosine.has_other_length) == ((3.0, 3.0), False)
    assert ema.seconds_range == (pytest.approx(1.2), 2.0)
    assert all(math.isnan(value) for value in (*both.epochs, *both.seconds_range))
    assert not both.has_other_length
    assert made.examples == 1
    assert both.in_full == f"{cosine.in_full} and {ema.in_full}"
    assert ema.in_full.startswith("EMA(decay=0.999")


def test_a_training_that_diverges_is_told_and_takes_nothing_from_the_others() -> None:
    made, laboratory = study({Cosine: math.nan, EMA: 9.0}, spread=0.2, looks=Looks((3, 5)))
    found = {effect.name: effect for effect in made.effects}
    assert found["Cosine()"].reason == "a training diverged with seed 0"
    assert math.isnan(found["Cosine()"].estimate)
    assert found["EMA()"].verdict == "helps"
    # The first look's trainings are asked for together, and no more of them.
    assert sum(recipe.has(Cosine) for recipe, _ in laboratory.log) == 3


def test_tricks_that_cannot_stand_together_are_refused_before_any_training() -> None:
    laboratory = Laboratory({}, np.random.default_rng(0))
    with pytest.raises(
        InputError, match=r"design stacked stacks LinearDecay\(\) on Cosine\(\): .*take --design add-one"
    ):
        run_study(BASELINE, (Cosine(), LinearDecay()), in_turn(laboratory), design=DESIGNS["stacked"])
    assert not laboratory.log
    with pytest.raises(InputError, match="tricks must name at least one, got none"):
        run_study(BASELINE, (), in_turn(laboratory), design=DESIGNS["add-one"])


def test_the_shares_of_shapley_sum_to_the_effect_of_all() -> None:
    made, laboratory = study({Cosine: 1.0, EMA: 2.0}, design="shapley", looks=Looks((3,)))
    whole = BASELINE
    for trick in TRICKS:
        whole = whole | trick
    apart = [laboratory.known[whole.key(), s] - laboratory.known[BASELINE.key(), s] for s in range(3)]
    assert sum(effect.estimate for effect in made.effects) == pytest.approx(3.0 + np.mean(apart) / math.sqrt(2))


def test_a_family_without_effects_is_seldom_alarmed() -> None:
    print("seeds 2000 to 2299")
    alarms = sum(
        any(effect.verdict != "no measurable effect" for effect in study({}, seed=seed)[0].effects)
        for seed in range(2000, 2300)
    )
    assert alarms / 300 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)
