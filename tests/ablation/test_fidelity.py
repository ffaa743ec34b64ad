"""Cheap studies and full ones with a known truth: when the cheap one is trusted, and what is gone on with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from assay.ablation.fidelity import ceiling_of, check_fidelity, choose_to_go_on, error_of, judge_fidelity
from assay.ablation.fidelity_findings import tell_fidelity
from assay.ablation.judge import Judge
from assay.ablation.metrics.accuracy import ACCURACY
from assay.ablation.metrics.loss import LOSS
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.errors import InputError
from assay.finding import Finding
from assay.paired import factors_of
from assay.recipe import Recipe, Trick, describe_part

SEEDS = 5
T = factors_of(SEEDS - 1)[0]


@dataclass(frozen=True)
class Named:
    number: int

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe


TRICKS: tuple[Trick, ...] = tuple(map(Named, range(20)))


def effect(trick: Trick, place: int, estimate: float, error: float) -> StudiedEffect:
    half = T * error
    verdict = "helps" if estimate > half else "hurts" if estimate < -half else "no measurable effect"
    limits = (estimate - half, estimate + half)
    chance = 1 - 0.5 * 0.05 ** abs(estimate / half) if estimate > 0 else 0.5 * 0.05 ** abs(estimate / half)
    return StudiedEffect(describe_part(trick), (place,), estimate, *limits, SEEDS, 0.5, verdict, chance, 0.1, 1.0)


def study_of(effects: Sequence[StudiedEffect]) -> Study:
    return Study("add-one", "what it adds", tuple(effects), Looks((SEEDS,)), 10, 10)


def measured(truth: dict[Trick, float], error: float, dice: np.random.Generator) -> Callable[[Sequence[Trick]], Study]:
    """A study that measures these effects with normal noise."""
    return lambda tricks: study_of(
        [effect(trick, place, truth[trick] + error * dice.normal(), error) for place, trick in enumerate(tricks)]
    )


def truth(spread: float, dice: np.random.Generator) -> dict[Trick, float]:
    return {trick: spread * dice.normal() for trick in TRICKS}


def test_a_cheap_study_of_the_same_effects_is_trusted_and_one_of_others_is_not() -> None:
    said = {"same": [], "others": []}
    for seed in range(500, 560):
        dice = np.random.default_rng(seed)
        effects = truth(1.0, dice)
        full = measured(effects, 0.1, dice)(TRICKS)
        said["same"].append(judge_fidelity(measured(effects, 0.1, dice)(TRICKS), full).trust)
        said["others"].append(judge_fidelity(measured(truth(1.0, dice), 0.1, dice)(TRICKS), full).trust)
    assert said["same"].count("trusted") >= 57
    assert said["others"].count("trusted") <= 3
    assert said["others"].count("not trusted") >= 20


def test_where_no_trick_does_anything_the_ceiling_says_that_no_study_could_agree() -> None:
    ceilings = []
    for seed in range(500, 540):
        dice = np.random.default_rng(seed)
        nothing = dict.fromkeys(TRICKS, 0.0)
        found = judge_fidelity(measured(nothing, 1.0, dice)(TRICKS), measured(nothing, 1.0, dice)(TRICKS))
        assert found.trust != "trusted"
        ceilings.append(found.ceiling)
    assert np.mean(ceilings) < 0.3


def test_noise_that_both_studies_share_passes_for_agreement() -> None:
    """Why the finding says that both are judged on the same examples: the ceiling knows nothing of it."""
    print("seeds 500 to 539")
    shared, apart = [], []
    for seed in range(500, 540):
        dice = np.random.default_rng(seed)
        of_examples = truth(0.1, dice)
        for found, seen in ((shared, of_examples), (apart, dict.fromkeys(TRICKS, 0.0))):
            full = measured(seen, 0.05, dice)(TRICKS)
            found.append(judge_fidelity(measured(seen, 0.05, dice)(TRICKS), full).spearman.estimate)
    assert np.mean(shared) > 0.6
    assert abs(np.mean(apart)) < 0.15


@pytest.mark.parametrize("error", [0.0, 0.5, 1.0])
def test_the_ceiling_is_the_correlation_of_two_studies_of_the_same_effects(error: float) -> None:
    from scipy.stats import spearmanr

    dice = np.random.default_rng(501)
    effects = dice.normal(size=(2000, 20))
    seen = [effects + error * dice.normal(size=effects.shape) for _ in range(2)]
    expected = np.mean([spearmanr(a, b).statistic for a, b in zip(*seen, strict=True)])
    # What is known of the spread comes from the full estimates alone: averaged over 100 studies it is close.
    found = np.mean([ceiling_of([error] * 20, row.tolist(), [error] * 20) for row in seen[1][:100]])
    assert found == pytest.approx(expected, abs=0.06)


def test_verdicts_are_compared() -> None:
    cheap = study_of([effect(trick, place, value, 0.1) for place, (trick, value) in enumerate(
        zip(TRICKS, (1.0, -1.0, 0.0, 1.0, 0.0), strict=False))])  # fmt: skip
    full = study_of([effect(trick, place, value, 0.1) for place, (trick, value) in enumerate(
        zip(TRICKS, (1.0, 1.0, 0.0, 0.0, -1.0), strict=False))])  # fmt: skip
    found = judge_fidelity(cheap, full)
    assert found.agreeing == 2
    assert [one.contradicts for one in found.compared] == [False, True, False, False, False]
    told = tell_fidelity(found, ACCURACY, cheap="2 epochs", full="20 epochs")
    assert "2 of 5 verdicts are the same. They contradict each other on Named(number=1)." in told.summary
    assert told.summary.endswith(
        "same validation examples: some of the agreement may be about just these, and the correlation rather too high."
    )
    assert told.figures[0].title.endswith("on the same validation examples")  # type: ignore[union-attr]
    assert "cannot be told" in told.summary
    assert told.figures[1].rows[-1] == ("Named(number=4)", "+0.00", "-100.00", "no measurable effect", "hurts")
    assert Finding.from_dict(told.to_dict()) == told


def test_only_tricks_with_an_estimate_in_both_are_compared() -> None:
    cheap = [effect(trick, place, float(place), 0.1) for place, trick in enumerate(TRICKS[:6])]
    full = [effect(trick, place, float(place), 0.1) for place, trick in enumerate(TRICKS[1:6])]
    full[0] = replace(full[0], estimate=math.nan)
    found = judge_fidelity(study_of(cheap), study_of(full))
    assert [one.name for one in found.compared] == [f"Named(number={n})" for n in (2, 3, 4, 5)]
    assert found.spearman.estimate == pytest.approx(1.0)
    assert found.trust == "cannot be told", "of four tricks no interval is known"
    assert "Of fewer than 5 tricks no interval" in tell_fidelity(found, ACCURACY, cheap="a", full="b").summary


def test_a_few_are_drawn_at_random_and_not_the_best_and_the_promising_go_on() -> None:
    dice = np.random.default_rng(502)
    effects = {trick: 2.0 - 0.2 * place for place, trick in enumerate(TRICKS)}
    asked: list[Sequence[Trick]] = []

    def full(tricks: Sequence[Trick]) -> Study:
        asked.append(tricks)
        return measured(effects, 0.02, dice)(tricks)

    drawn = set()
    for seed in range(30):
        checked = check_fidelity(measured(effects, 0.02, dice), full, TRICKS, few=8, seed=seed)
        assert tuple(asked[-1]) == checked.drawn
        drawn |= set(checked.drawn)
        assert checked.fidelity.trust == "trusted"
        assert TRICKS[0] == checked.go_on[0]
        assert TRICKS[-1] not in checked.go_on
        assert set(TRICKS[:9]) <= set(checked.go_on)
    assert drawn == set(TRICKS)
    again = check_fidelity(measured(effects, 0.02, dice), full, TRICKS, few=8, seed=3)
    assert again.drawn == asked[3]


def test_all_go_on_where_the_cheap_study_is_not_trusted_and_what_diverged_where_it_is() -> None:
    effects = [effect(TRICKS[0], 0, 0.1, 0.1), effect(TRICKS[1], 1, -1.0, 0.1), effect(TRICKS[2], 2, 0.5, 0.1)]
    effects.append(replace(effect(TRICKS[3], 3, 0.0, 0.1), estimate=math.nan, low=math.nan, high=math.nan))
    cheap = study_of(effects)
    assert choose_to_go_on(cheap, TRICKS[:4], "cannot be told") == TRICKS[:4]
    assert choose_to_go_on(cheap, TRICKS[:4], "trusted") == (TRICKS[2], TRICKS[0], TRICKS[3])


def test_of_a_loss_the_lowest_goes_on_first() -> None:
    effects = [replace(effect(TRICKS[0], 0, -0.1, 0.1), chance_it_helps=0.8), replace(
        effect(TRICKS[1], 1, -1.0, 0.1), verdict="helps", chance_it_helps=1.0), replace(
        effect(TRICKS[2], 2, 0.5, 0.1), verdict="hurts", chance_it_helps=0.0)]  # fmt: skip
    cheap = replace(study_of(effects), judge=Judge(LOSS))
    assert choose_to_go_on(cheap, TRICKS[:3], "trusted") == (TRICKS[1], TRICKS[0])


def test_the_best_of_a_cheap_study_fall_back_which_is_why_they_are_drawn() -> None:
    # Regression to the mean, simulated: chosen as the best of a noisy study, the same study again finds less.
    lost = []
    for seed in range(500, 600):
        dice = np.random.default_rng(seed)
        effects = truth(1.0, dice)
        first, second = (measured(effects, 1.0, dice)(TRICKS) for _ in range(2))
        best = np.argsort([-one.estimate for one in first.effects])[:5]
        lost.append(np.mean([first.effects[place].estimate - second.effects[place].estimate for place in best]))
    assert np.mean(lost) > 0.3


def test_the_error_of_an_effect_is_read_from_its_interval() -> None:
    assert error_of(effect(TRICKS[0], 0, 1.0, 0.25)) == pytest.approx(0.25)


def test_refusals() -> None:
    dice = np.random.default_rng(503)
    study = measured(truth(1.0, dice), 0.1, dice)
    with pytest.raises(InputError, match="few must be from 3 to the number of tricks, 20, got 2; fewer cannot be put"):
        check_fidelity(study, study, TRICKS, few=2)
    with pytest.raises(InputError, match="got 30"):
        check_fidelity(study, study, TRICKS, few=30)
    with pytest.raises(ValueError, match="the same design and metric, got add-one on accuracy and stacked on acc"):
        judge_fidelity(study(TRICKS), replace(study(TRICKS), design="stacked"))
    with pytest.raises(ValueError, match=r"at least 3 tricks with an estimate in both studies to compare .* got 2"):
        judge_fidelity(study(TRICKS), study(TRICKS[:2]))
