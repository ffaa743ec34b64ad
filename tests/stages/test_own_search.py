"""`assay.tune`: a tuning that a program asks for, with the options of `assay tune`."""

from __future__ import annotations

import inspect
import math
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import assay
from assay.cli.tune import tune as command
from assay.data.data import Data
from assay.errors import InputError
from assay.finding import Report
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.planning import ComparisonPlan
from assay.recipe import Recipe
from assay.stages.comparison import small_data
from assay.stages.own_search import tune
from assay.stages.search import TuningAsked
from assay.tuning.judging import keep_back
from assay.tuning.tune import Tuning

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-4), batch_size=8, epochs=2)
OVER = ("learning_rate=1e-3:1e-1", "weight_decay=1e-4:1e-1")


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DATABASE", f"sqlite:///{tmp_path / 'trials.db'}")


def short(data: Data | str, **options: object) -> Tuning:
    return tune(RECIPE, data, **{"trials": 3, "over": OVER, **options})  # pyright: ignore[reportArgumentType]


def test_it_is_the_tuning_of_the_command_line() -> None:
    assert assay.tune is tune
    wanted = {field.name for field in fields(TuningAsked)}
    assert wanted <= set(inspect.signature(tune).parameters)
    assert wanted <= set(inspect.signature(command).parameters)


def test_a_tuning_without_a_budget_shortens_nothing(tiny_images: Data) -> None:
    tuning = short(tiny_images)
    assert [finding.id for finding in tuning.report.findings] == ["search_round_1", "importance", "capacity", "tuned"]
    assert tuning.recipe.epochs == RECIPE.epochs
    assert tuning.summary == tuning.report.findings[-1].summary
    assert tuning.score is not None
    assert tuning.score.low <= tuning.score.value <= tuning.score.high
    assert tuning.report.findings[-1].evidence["score"]["value"] == tuning.score.value
    assert Report.from_dict(tuning.report.to_dict()) == tuning.report


def test_asked_again_it_trains_nothing_anew(tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = short(tiny_images, folder=tmp_path / "one")
    monkeypatch.setattr("assay.stages.session.begin_part", lambda *_, **__: pytest.fail("a training was begun anew"))
    again = short(tiny_images, folder=tmp_path / "other")
    assert again == first


@pytest.mark.parametrize(
    ("stage", "options"),
    [("search", {"trials": 3, "over": OVER}), ("discipline", {"discipline": True, "epochs": 1.0})],
)
def test_another_budget_in_the_same_folder_is_planned_anew(
    stage: str, options: dict[str, Any], tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan of the first budget was found again for every later one."""
    planned, module = list[float](), import_module(f"assay.stages.{stage}")
    plan = module.plan_tuning

    def plan_tuning(seconds: float, *given: object, **more: object) -> object:
        planned.append(seconds)
        return plan(seconds, *given, **more)

    monkeypatch.setattr(module, "plan_tuning", plan_tuning)
    recipe = RECIPE.change(optimizer=SGD(learning_rate=1e-3))
    for budget in ("10m", "20m", None, "10m"):
        tune(recipe, tiny_images, folder=tmp_path / "one", budget=budget, **options)
    assert len(planned) == 3
    assert planned[1] == 2 * planned[0]
    assert planned[2] == math.inf


def test_the_learning_rate_is_found_where_nothing_is_named(tiny_images: Data) -> None:
    tuning = short(tiny_images, over=())
    assert tuning.report.findings[0].id == "learning_rate_range"


def test_the_disciplined_approach(tiny_images: Data) -> None:
    tuning = tune(RECIPE.change(optimizer=SGD(learning_rate=1e-3)), tiny_images, discipline=True)
    assert tuning.report.findings[-1].id == "discipline"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"search": "genetic"}, "--search must be one of"),
        ({"metric": "accuracie"}, "did you mean 'accuracy'"),
        ({"metric": "r2"}, "metric r2 is for regression"),
        ({"over": ("weight_dcay=0:1",)}, "no setting 'weight_dcay'"),
        ({"workers": 2}, "workers open the data themselves"),
        ({"budget": "10s", "epochs": 40_000}, "too small for the smallest honest tuning"),
    ],
)
def test_wrong_options_are_refused_before_any_training(
    options: dict[str, object], error: str, tiny_images: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.stages.session.begin_part", lambda *_, **__: pytest.fail("a training was begun"))
    with pytest.raises(InputError, match=error):
        short(tiny_images, **options)


@pytest.mark.parametrize("discipline", [False, True])
def test_a_third_with_too_few_of_a_class_is_refused_as_it_will_judge(
    discipline: bool, tiny_images: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thirds of the whole data were looked at; trials are judged on those of the part that there is time for."""
    monkeypatch.setattr("assay.stages.session.begin_part", lambda *_, **__: pytest.fail("a training was begun"))
    data = replace(tiny_images, validation=tiny_images.train)
    seed = next(seed for seed in range(1000) if fewest(data, seed) > 1 and fewest(part_of(data, seed), seed) == 1)
    print(f"seed {seed}")
    options = {"discipline": True} if discipline else {"over": OVER, "trials": 3}
    with pytest.raises(InputError, match="--metric recall needs at least 2 validation examples of each class"):
        tune(RECIPE, data, metric="recall", seed=seed, **options)  # pyright: ignore[reportArgumentType]


def part_of(data: Data, seed: int) -> Data:
    return small_data(data, ComparisonPlan(0, 0, len(data.train), 2.0, len(data.validation)), seed)


def fewest(data: Data, seed: int) -> int:
    """Of a class, where it has any, among the examples that choose and those kept back."""
    parts = keep_back(data, seed)
    counts = [np.bincount(data.validation.targets[places]) for places in (parts.chosen_on, parts.judged_on)]
    return min(int(each[each > 0].min()) for each in counts)


@pytest.mark.parametrize("metric", ["loss", "f1", "calibration"])
def test_another_metric_judges_all(metric: str) -> None:
    tuning = short("digits", metric=metric, epochs=1.0)
    answer = tuning.report.findings[-1]
    assert answer.evidence["metric"] == metric
    assert tuning.score is not None


@pytest.mark.slow
def test_two_workers_find_what_this_process_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"trials": 9, "epochs": 2.0, "halving": True}
    alone = short("digits", **options)
    monkeypatch.setenv("ASSAY_DATABASE", f"sqlite:///{tmp_path / 'of-workers.db'}")
    together = short("digits", workers=2, **options)
    assert together == alone
    assert not list((tmp_path / "of-workers.db-checkpoints").glob("*.checkpoint"))
