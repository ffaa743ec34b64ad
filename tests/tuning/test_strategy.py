"""Strategies: which settings come next, and which searches are refused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import optuna
import pytest

from assay.errors import InputError
from assay.tuning.searched import Searched
from assay.tuning.space import Choice, Space, Span
from assay.tuning.strategy import (
    Strategy,
    cmaes,
    grid_settings,
    in_order,
    random_search,
    random_settings,
    tpe,
)

SPACE: Space = {"learning_rate": Span(1e-4, 1e-1, log=True), "momentum": Span(0.0, 0.9)}
MIXED: Space = {**SPACE, "batch_size": Choice((32, 64, 128)), "width": Span(4, 64, log=True, whole=True)}


def score(settings: dict[str, float]) -> float:
    """Best at a rate of 1e-2 and momentum .5."""
    return -((math.log10(settings["learning_rate"]) + 2) ** 2) - (settings["momentum"] - 0.5) ** 2


def follow(strategy: Strategy, trials: int) -> list[dict[str, float]]:
    """What it proposes, told every score; every fifth trial diverges."""
    settings, seen = next(strategy), []
    for number in range(trials):
        seen.append(dict(settings))
        diverged = number % 5 == 4
        value = math.nan if diverged else score(seen[-1])
        settings = strategy.send(Searched(settings, value, math.inf if diverged else 0.0, diverged))
    return seen


class TestRandom:
    def test_a_function_of_number_and_seed(self) -> None:
        drawn = {(number, seed): random_settings(number, MIXED, seed) for number in range(1, 5) for seed in (0, 1)}
        assert drawn == {key: random_settings(key[0], MIXED, key[1]) for key in reversed(drawn)}
        assert len({tuple(settings.values()) for settings in drawn.values()}) == 8

    def test_log_uniform_within_bounds(self) -> None:
        """Of 600 draws over three decades, a third falls into each: 200, with a deviation of 12."""
        rates = [random_settings(number, SPACE, 0)["learning_rate"] for number in range(1, 601)]
        assert all(1e-4 <= rate <= 1e-1 for rate in rates)
        decades = [sum(10.0**low <= rate < 10.0 ** (low + 1) for rate in rates) for low in (-4, -3, -2)]
        assert all(150 <= count <= 250 for count in decades)

    def test_numbers_begin_at_1(self) -> None:
        drawn = list(itertools.islice(random_search(MIXED, 3), 3))
        assert drawn == [random_settings(number, MIXED, 3) for number in (1, 2, 3)]


class TestGrid:
    def test_all_points_within_the_trials(self) -> None:
        grid = grid_settings(SPACE, 10)
        assert len(grid) == 9
        assert {one["learning_rate"] for one in grid} == {1e-4, 3.16e-3, 1e-1}
        assert {one["momentum"] for one in grid} == {0.0, 0.45, 0.9}

    def test_all_values_of_a_choice(self) -> None:
        grid = grid_settings({"learning_rate": SPACE["learning_rate"], "batch_size": MIXED["batch_size"]}, 7)
        assert [(one["learning_rate"], one["batch_size"]) for one in grid] == list(
            itertools.product((1e-4, 1e-1), (32, 64, 128))
        )

    def test_choices_alone(self) -> None:
        assert len(grid_settings({"batch_size": Choice((32, 64, 128))}, 20)) == 3

    def test_four_are_refused_with_the_reason_unless_forced(self) -> None:
        with pytest.raises(InputError, match=r"a grid over 4 hyperparameters takes 81 trainings .* 24 random ones"):
            grid_settings(MIXED, 24)
        assert len(grid_settings(MIXED, 24, forced=True)) == 24

    def test_too_few_trials_for_two_points_of_each(self) -> None:
        with pytest.raises(InputError, match="a grid of learning_rate, momentum takes at least 4 trainings, got"):
            grid_settings(SPACE, 3)


class TestSamplers:
    @pytest.mark.parametrize("sampler", [tpe, cmaes])
    def test_the_same_answers_bring_the_same_proposals(self, sampler) -> None:
        assert follow(sampler(SPACE, 0), 15) == follow(sampler(SPACE, 0), 15)
        assert follow(sampler(SPACE, 0), 3) != follow(sampler(SPACE, 1), 3)

    @pytest.mark.parametrize("sampler", [tpe, cmaes])
    def test_they_come_closer(self, sampler) -> None:
        scores = [score(settings) for settings in follow(sampler(SPACE, 0), 40)]
        assert np.mean(scores[-10:]) > np.mean(scores[:10])

    def test_every_kind_of_dimension(self) -> None:
        seen = follow(tpe(MIXED, 0), 12)
        assert {one["batch_size"] for one in seen} <= {32, 64, 128}
        assert all(isinstance(one["width"], int) and 4 <= one["width"] <= 64 for one in seen)

    def test_proposals_are_those_of_optuna_alone(self) -> None:
        """Without trials that diverge, its own loop with the same seed draws the same settings."""
        from assay.randomness import derive_seed

        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=derive_seed(0, "sampler") % 2**31)
        )

        def objective(trial: optuna.Trial) -> float:
            rate = trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
            momentum = trial.suggest_float("momentum", 0.0, 0.9)
            return score({"learning_rate": float(f"{rate:.3g}"), "momentum": float(f"{momentum:.3g}")})

        study.optimize(objective, n_trials=15)
        strategy, ours = tpe(SPACE, 0), []
        settings = next(strategy)
        for _ in range(15):
            ours.append(settings)
            settings = strategy.send(Searched(settings, score(dict(settings)), 0.0, False))
        assert [one["learning_rate"] for one in ours] == [
            float(f"{trial.params['learning_rate']:.3g}") for trial in study.trials
        ]

    def test_cmaes_refuses_choices_and_a_single_dimension(self) -> None:
        with pytest.raises(InputError, match="walks over numbers, and batch_size is a choice; use --search tpe"):
            cmaes(MIXED, 0)
        with pytest.raises(InputError, match="needs at least two hyperparameters, got 1"):
            cmaes({"momentum": SPACE["momentum"]}, 0)

    def test_cmaes_without_its_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(InputError, match="--search cmaes needs the package cmaes: pip install cmaes"):
            cmaes(SPACE, 0)


def test_a_list_is_a_strategy() -> None:
    strategy = in_order([{"momentum": 0.1}, {"momentum": 0.2}])
    assert next(strategy) == {"momentum": 0.1}
    assert strategy.send(Searched({"momentum": 0.1}, 0.0, 0.0, False)) == {"momentum": 0.2}
