"""The finals: fresh seeds, examples kept back, and that a gain chosen by luck is not told as one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assay.data.data import Data
from assay.paired import interval_and_power
from assay.recipe import Recipe
from assay.trial import Answers, MeasureAll, Trial
from assay.tuning.gain_words import gain_text, plain_gain
from assay.tuning.judging import Parts, compare_finalists, half_width_of_all, keep_back, measure_gain

PARTS = Parts(np.arange(200), np.arange(200, 300))


def pretended(
    worths: dict[float, float], *, luck: float = 0.0, seen: list[tuple[float, int]] | None = None
) -> MeasureAll:
    """Trials of 300 examples, each right with the worth of its recipe's epochs and the luck of recipe and seed."""

    def measure_all(pairs) -> list[Trial]:
        trials = []
        for recipe, seed in pairs:
            random = np.random.default_rng([seed, round(1000 * recipe.epochs)])
            right = np.clip(worths[recipe.epochs] + luck * random.normal(), 0, 1)
            scores = (np.random.default_rng(seed).uniform(size=300) < right).astype(float)
            trials.append(Trial(recipe, seed, float(scores.mean()), 1.0 - right, 300, 10, 1.0, scores))
            if seen is not None:
                seen.append((recipe.epochs, seed))
        return trials

    return measure_all


def tied(recipe: Recipe, seed: int, *, chosen: float, judged: float) -> Trial:
    """All right, with these losses on the examples that choose and on those kept back."""
    losses = np.full(300, chosen, np.float32)
    losses[PARTS.judged_on] = judged
    answers = Answers(np.zeros(300, np.int32), np.ones(300, np.float32), losses)
    return Trial(recipe, seed, 1.0, float(losses.mean()), 300, 10, 1.0, np.ones(300), answers)


def test_a_third_is_kept_back_and_no_example_is_in_both(tiny_images: Data) -> None:
    parts = keep_back(tiny_images, 0)
    assert len(parts.judged_on) == round(len(tiny_images.validation) / 3)
    assert sorted([*parts.chosen_on, *parts.judged_on]) == list(range(len(tiny_images.validation)))
    search = parts.data_of_search(tiny_images)
    assert len(search.validation) == len(parts.chosen_on)
    assert search.validation.ids == tuple(tiny_images.validation.ids[place] for place in parts.chosen_on)
    assert keep_back(tiny_images, 1).judged_on.tolist() != parts.judged_on.tolist()


class TestFinalists:
    def test_the_best_mean_wins_on_all_seeds(self) -> None:
        seen: list[tuple[float, int]] = []
        measure = pretended({1.0: 0.5, 2.0: 0.9, 3.0: 0.7}, seen=seen)
        finalists = compare_finalists([Recipe(epochs=e) for e in (1.0, 2.0, 3.0)], measure, PARTS, [7, 8])
        assert finalists.best == 1
        assert seen == [(e, seed) for e in (1.0, 2.0, 3.0) for seed in (7, 8)]
        assert not finalists.within_noise

    def test_recipes_alike_are_within_luck(self) -> None:
        measure = pretended({1.0: 0.8, 2.0: 0.8, 3.0: 0.8}, luck=0.02)
        finalists = compare_finalists([Recipe(epochs=e) for e in (1.0, 2.0, 3.0)], measure, PARTS, [7, 8, 9])
        assert finalists.within_noise
        assert finalists.spread <= finalists.half_width

    def test_a_tie_goes_to_the_lower_loss_on_the_examples_of_the_search(self) -> None:
        """It went by the loss on all: here the examples that will judge would choose the other."""

        def measure_all(pairs) -> list[Trial]:
            return [tied(r, s, chosen=1 / r.epochs, judged=10 * r.epochs) for r, s in pairs]

        finalists = compare_finalists([Recipe(epochs=1.0), Recipe(epochs=2.0)], measure_all, PARTS, [7, 8])
        assert finalists.best == 1

    def test_a_tie_of_trials_without_answers_goes_to_the_earlier(self) -> None:
        def measure_all(pairs) -> list[Trial]:
            return [Trial(r, s, 1.0, 1 / r.epochs, 300, 10, 1.0, np.ones(300)) for r, s in pairs]

        finalists = compare_finalists([Recipe(epochs=1.0), Recipe(epochs=2.0)], measure_all, PARTS, [7, 8])
        assert finalists.best == 0

    def test_one_alone(self) -> None:
        finalists = compare_finalists([Recipe(epochs=1.0)], pretended({1.0: 0.8}), PARTS, [7, 8])
        assert (finalists.best, finalists.half_width) == (0, 0.0)

    def test_one_that_diverges_loses(self) -> None:
        def measure_all(pairs) -> list[Trial]:
            return [Trial(r, s, math.nan if r.epochs == 1 else 0.5, 1.0, 300, 10, 1.0,
                          np.full(300, np.nan if r.epochs == 1 else 0.5)) for r, s in pairs]  # fmt: skip

        finalists = compare_finalists([Recipe(epochs=1.0), Recipe(epochs=2.0)], measure_all, PARTS, [7, 8])
        assert finalists.best == 1
        assert finalists.means == (-math.inf, 0.5)
        assert not finalists.within_noise

    def test_two_have_students_interval(self) -> None:
        tables = [np.random.default_rng(number).normal(size=(4, 50)) for number in (0, 1)]
        assert half_width_of_all(tables) == pytest.approx(interval_and_power(tables[1] - tables[0])[0], rel=1e-4)

    def test_three_alike_are_seldom_told_apart(self) -> None:
        """1,000 draws of three equals on three seeds: apart in 5 % at most; 67 would be rarer than 1 in 100.

        Luck is of seeds, and of what a recipe does to an example, which all its seeds share.
        """
        random, apart = np.random.default_rng(500), 0
        for _ in range(1000):
            tables = [random.normal(size=(3, 1)) + random.normal(size=(1, 30)) * 3 for _ in range(3)]
            means = [table.mean() for table in tables]
            apart += max(means) - min(means) > half_width_of_all(tables)
        assert apart <= 66


class TestGain:
    def test_by_hand(self) -> None:
        """One is right on all, the other on the first 250: on the hundred kept back, .5 against 1."""

        def measure_all(pairs) -> list[Trial]:
            return [Trial(r, s, 0.0, 1.0, 300, 10, 1.0,
                          np.ones(300) if r.epochs == 2 else (np.arange(300) < 250).astype(float))
                    for r, s in pairs]  # fmt: skip

        gain = measure_gain(Recipe(epochs=1.0), Recipe(epochs=2.0), measure_all, PARTS, [1, 2, 3])
        assert (gain.before, gain.after, gain.estimate) == (0.5, 1.0, 0.5)
        assert (gain.n, gain.examples, gain.verdict) == (3, 100, "helps")

    def test_the_best_of_many_equal_draws_is_seldom_told_as_a_gain(self) -> None:
        """200 tunings of 20 equal settings: chosen by the examples of the search, judged on the others.

        A gain is told in 2.5 % of them at most by chance; 11 of 200 would be rarer than 1 in 100.
        """
        told, flattered = 0, []
        for study in range(200):
            worths = {float(number): 0.8 for number in range(1, 21)}
            measure = pretended(worths, luck=0.02)
            trials = measure([(Recipe(epochs=float(number)), 500 + 100 * study) for number in range(1, 21)])
            best = max(trials, key=lambda trial: trial.example_scores[PARTS.chosen_on].mean())
            own = trials[0]
            flattered.append(best.example_scores[PARTS.chosen_on].mean() - own.example_scores[PARTS.chosen_on].mean())
            if best is not own:
                seeds = [500 + 100 * study + number for number in (1, 2, 3, 4, 5)]
                told += measure_gain(own.recipe, best.recipe, measure, PARTS, seeds).verdict == "helps"
        assert np.mean(flattered) > 0.02
        assert told <= 11

    def test_verdicts(self) -> None:
        measure = pretended({1.0: 0.9, 2.0: 0.5})
        assert measure_gain(Recipe(epochs=1.0), Recipe(epochs=2.0), measure, PARTS, [1, 2, 3]).verdict == "hurts"
        same = measure_gain(Recipe(epochs=1.0), Recipe(epochs=1.0), measure, PARTS, [1, 2, 3])
        assert same.verdict == "no measurable effect"
        assert same.detectable > 0

    @pytest.mark.parametrize(("score", "loss"), [(math.nan, 1.0), (0.0, math.nan)])
    def test_settings_that_diverge_on_some_seeds_lose(self, score: float, loss: float) -> None:
        """As a regression and as a classification tell it: without any score, and with nothing right."""

        def measure_all(pairs) -> list[Trial]:
            return [Trial(r, s, 0.0, loss, 300, 10, 1.0, np.full(300, score)) if r.epochs == 2 and s > 2 else
                    Trial(r, s, 0.0, 1.0, 300, 10, 1.0, np.full(300, r.epochs / 2)) for r, s in pairs]  # fmt: skip

        gain = measure_gain(Recipe(epochs=1.0), Recipe(epochs=2.0), measure_all, PARTS, [1, 2, 3, 4, 5])
        assert (gain.n, gain.diverged, gain.own_diverged, gain.verdict) == (2, (3, 4, 5), (), "hurts")
        assert not gain.is_better
        assert "diverged: 3, 4, 5; with the recipe's own settings: none." in gain_text(gain, "accuracy", of="Best")
        back = measure_gain(Recipe(epochs=2.0), Recipe(epochs=1.0), measure_all, PARTS, [1, 2, 3, 4, 5])
        assert (back.verdict, back.is_better) == ("helps", True)

    def test_where_all_diverges_nothing_is_measured_and_the_own_settings_stay(self) -> None:
        def measure_all(pairs) -> list[Trial]:
            return [Trial(r, s, math.nan, math.nan, 300, 10, 1.0, np.full(300, np.nan)) for r, s in pairs]

        gain = measure_gain(Recipe(epochs=1.0), Recipe(epochs=2.0), measure_all, PARTS, [1, 2])
        assert (gain.verdict, gain.is_better, gain.n) == ("no measurable effect", False, 0)
        text = gain_text(gain, "accuracy", of="Best")
        assert text.startswith("Best: no gain can be measured.")
        assert text.endswith("The recipe's own settings stay.")
        assert plain_gain(gain)["before"] is None

    def test_a_single_seed_is_refused(self) -> None:
        with pytest.raises(ValueError, match="seeds must be at least two to pair, got 1"):
            measure_gain(Recipe(epochs=1.0), Recipe(epochs=1.0), pretended({1.0: 0.9}), PARTS, [1])
