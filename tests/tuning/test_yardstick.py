"""Another metric than the data's own judges all: trials, the best few and the gain, also where lower is better."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from assay.ablation.metrics.catalog import METRICS
from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.trial import Answers, MeasureAll, Trial, in_turn, measure_on
from assay.tuning.importance import compare_equally_long
from assay.tuning.judging import Parts, compare_finalists, measure_gain, reached
from assay.tuning.search import Bench, try_all
from assay.tuning.searched import Searched, best_first
from assay.tuning.space import Span
from assay.tuning.strategy import Strategy, cmaes, tpe
from assay.tuning.thorough import Plan, tune_thoroughly
from assay.tuning.thorough_findings import tell_tuned
from assay.tuning.yardstick import Yardstick

PARTS = Parts(np.arange(200), np.arange(200, 300))
TARGETS = np.zeros(300, int)
LOSS = Yardstick("loss", -1, METRICS["loss"].scores, TARGETS)


def pretended(losses: dict[float, float]) -> MeasureAll:
    """Trials with the loss of their recipe's epochs, the same accuracy all, and a little luck of seed and example."""

    def measure_all(pairs) -> list[Trial]:
        trials = []
        for recipe, seed in pairs:
            random = np.random.default_rng([seed, round(1000 * recipe.epochs)])
            values = losses[recipe.epochs] + 0.01 * random.normal(size=300)
            answers = Answers(TARGETS, np.full(300, 0.5), values)
            trials.append(Trial(recipe, seed, 1.0, float(values.mean()), 300, 10, 1.0, np.ones(300), answers))
        return trials

    return measure_all


def test_scores_of_some_examples_are_worked_out_from_those_alone() -> None:
    """Two of three predicted right among the chosen: F1 of class 0 is 1, and of class 1 and 2 it is 0."""
    answers = Answers(np.array([0, 1, 2, 0]), np.ones(4), np.zeros(4))
    trial = Trial(Recipe(), 0, 0.5, 1.0, 4, 1, 1.0, np.ones(4), answers)
    yardstick = Yardstick("f1", 1, METRICS["f1"].scores, np.array([0, 1, 1, 1]))
    assert yardstick.scores(trial, np.array([0, 1])).mean() == pytest.approx(1.0)
    assert yardstick.scores(trial, np.array([0, 2])).mean() == pytest.approx(0.5)
    assert yardstick.on(np.array([0, 2])).targets is not None


def test_a_trial_without_answers_is_refused() -> None:
    trial = Trial(Recipe(), 0, 0.5, 1.0, 300, 1, 1.0, np.ones(300))
    with pytest.raises(ValueError, match="metric loss needs the answers of a trial"):
        LOSS.scores(trial)


def test_the_lowest_loss_is_the_best_finalist_and_a_gain_is_a_fall() -> None:
    recipes = [Recipe(epochs=epochs) for epochs in (1.0, 2.0, 3.0)]
    measure = pretended({1.0: 0.5, 2.0: 0.2, 3.0: 0.4})
    assert compare_finalists(recipes, measure, PARTS, [1, 2], LOSS).best == 1
    gain = measure_gain(recipes[0], recipes[1], measure, PARTS, [1, 2, 3], LOSS)
    assert gain.estimate == pytest.approx(-0.3, abs=0.01)
    assert (gain.verdict, gain.is_better) == ("helps", True)
    worse = measure_gain(recipes[1], recipes[0], measure, PARTS, [1, 2, 3], LOSS)
    assert (worse.verdict, worse.is_better) == ("hurts", False)


def test_a_finalist_that_diverges_is_the_last_also_where_lower_is_better() -> None:
    measure = pretended({1.0: 0.5, 2.0: math.nan})
    finalists = compare_finalists([Recipe(epochs=2.0), Recipe(epochs=1.0)], measure, PARTS, [1, 2], LOSS)
    assert (finalists.best, finalists.means[0]) == (1, math.inf)


def test_ranks_turn_with_the_sign() -> None:
    found = [Searched({}, value, 1.0, False, sign=-1) for value in (0.3, 0.1, 0.2)]
    assert [one.value for one in best_first(found)] == [0.1, 0.2, 0.3]
    assert compare_equally_long({}, found).ranks.tolist() == [0.0, 2.0, 1.0]


def test_a_search_by_the_loss_has_the_losses_of_its_trials(tiny_images: Data) -> None:
    targets = tiny_images.validation.targets.numpy()
    bench = Bench(Recipe(model=MLP((8,)), batch_size=8, epochs=2), tiny_images,
                  yardstick=Yardstick("loss", -1, METRICS["loss"].scores, targets))  # fmt: skip
    (one,) = try_all(bench, [{"learning_rate": 0.01}], trials=1)
    assert one.value == pytest.approx(one.loss, rel=1e-5)
    assert one.looks[-1] == pytest.approx(-one.loss)


def test_a_whole_tuning_by_the_calibration_error(tiny_images: Data) -> None:
    recipe = Recipe(model=MLP((8,)), optimizer=AdamW(learning_rate=1e-4), batch_size=8, epochs=3)
    plan = Plan({"learning_rate": Span(1e-4, 1e-1, log=True)}, finds_rate=False, trials=4, final_seeds=2,
                judging_seeds=2)  # fmt: skip
    yardstick = Yardstick("calibration", -1, METRICS["calibration"].scores, tiny_images.validation.targets.numpy())
    tuned = tune_thoroughly(recipe, tiny_images, in_turn(measure_on(tiny_images)), plan,
                            bench=Bench(recipe, tiny_images, yardstick=yardstick))  # fmt: skip
    assert all(0 <= one.value <= 1 for one in tuned.found if not one.diverged)
    answer = tell_tuned(tuned, yardstick.name)[-1]
    assert answer.evidence["metric"] == "calibration"


def test_the_interval_of_a_score_holds_the_truth_in_at_least_95_percent() -> None:
    """400 experiments: examples of different difficulty, seeds of different luck, the truth known."""
    seed = int(np.random.default_rng().integers(10**6))
    print(f"seed {seed}")
    random, held = np.random.default_rng(seed), 0
    for _ in range(400):
        # Difficulties are spread evenly over [.8, 1], the luck of a seed is normal around 0: the truth is their mean.
        difficulty, luck = random.uniform(0.8, 1.0, size=(1, 100)), 0.01 * random.normal(size=(5, 1))
        score = reached((random.uniform(size=(5, 100)) < np.clip(difficulty + luck, 0, 1)).astype(float))
        held += score.low <= 0.9 <= score.high
    # Fewer than 360 of 400 come with a chance below 1 in 10,000 if it is 95 %.
    assert held >= 360


def test_where_all_are_right_the_interval_is_wilsons() -> None:
    score = reached(np.ones((5, 96)))
    assert (score.value, score.high) == (1.0, 1.0)
    assert score.low == pytest.approx(96 / (96 + 1.959964**2), abs=1e-6)


@pytest.mark.parametrize("sampler", [tpe, cmaes])
def test_samplers_that_learn_go_down_where_lower_is_better(sampler: Callable[..., Strategy]) -> None:
    """A bowl with its lowest point at (.3, .7): late proposals lie nearer to it than the first."""
    space = {"x": Span(0.0, 1.0), "y": Span(0.0, 1.0)}
    strategy, distances = sampler(space, 0), list[float]()
    settings = next(strategy)
    for _ in range(60):
        distances.append((settings["x"] - 0.3) ** 2 + (settings["y"] - 0.7) ** 2)
        settings = strategy.send(Searched(settings, distances[-1], 1.0, False, sign=-1))
    assert np.mean(distances[-20:]) < 0.3 * np.mean(distances[:10])
