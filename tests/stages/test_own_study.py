"""`assay.ablate`: a study for programs, on tiny data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import assay
from assay.ablation.studied import Study
from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.training.train import Run, Training
from assay.tricks.average.ema import EMA
from assay.tricks.schedule.cosine import Cosine

RECIPE = Recipe(model=MLP((8,)), batch_size=16, epochs=1)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every training that came to its end, by its tricks: what measures costs and speeds does not."""
    made: list[str] = []
    finish = Training.finish

    def noted(self: Training) -> Run:
        made.append(self.recipe.describe())
        return finish(self)

    monkeypatch.setattr(Training, "finish", noted)
    return made


def test_a_study_tells_itself(tiny_images: Data) -> None:
    study = assay.ablate(RECIPE, tiny_images, [Cosine(), "EMA(decay=0.9)"], seeds=3, metric="loss", per_class=True)
    assert isinstance(study, Study)
    assert [effect.name for effect in study.effects] == ["Cosine()", "EMA(decay=0.9)"]
    assert study.table().startswith("| trick | verdict | effect |")
    assert study.sentence().startswith(
        "The effect of a trick on validation loss (less is better) is what it adds to the baseline alone"
    )
    assert [finding.id for finding in study.report.findings] == [
        "trick_effects", "class_effects", "trick_costs", "learning_curves", "trick_effects_for_a_paper",
    ]  # fmt: skip
    assert "trainings of 1 epoch of" in study.report.findings[0].summary


def test_the_recipes_own_epochs_are_taken_without_a_budget(tiny_images: Data, trainings: list[str]) -> None:
    assay.ablate(RECIPE.change(epochs=2), tiny_images, [EMA()], seeds=2)
    assert len(trainings) == 4
    assert all("2 epochs" in told for told in trainings)


def test_a_folder_keeps_what_was_trained(tiny_images: Data, trainings: list[str], tmp_path: Path) -> None:
    first = assay.ablate(RECIPE, tiny_images, [EMA()], seeds=2, folder=tmp_path)
    assert len(trainings) == 4
    again = assay.ablate(RECIPE, tiny_images, [EMA(), Cosine()], seeds=2, folder=tmp_path)
    assert len(trainings) == 6, "only cosine is new"
    assert again.effects[0].estimate == first.effects[0].estimate


def test_nothing_stops_early_where_all_seeds_are_asked_for(tiny_images: Data) -> None:
    tricks = [EMA(), Cosine(), "LabelSmoothing(0.9)"]
    early = assay.ablate(RECIPE, tiny_images, tricks, seeds=5)
    study = assay.ablate(RECIPE, tiny_images, tricks, seeds=5, all_seeds=True)
    assert min(effect.n for effect in early.effects) == 3, "else nothing shows"
    assert [effect.n for effect in study.effects] == [5, 5, 5]


def test_stepwise(tiny_images: Data) -> None:
    study = assay.ablate(RECIPE, tiny_images, [EMA(), Cosine()], seeds=2, design="stepwise")
    assert study.design == "stepwise"
    assert len(study.effects) == 2


def test_at_equal_seconds(tiny_images: Data) -> None:
    study = assay.ablate(RECIPE, tiny_images, [EMA()], seeds=2, equal="seconds")
    assert "(equal seconds)" in study.training


@pytest.mark.parametrize(
    ("tricks", "options", "error"),
    [
        ([], {}, "tricks must name at least one, got none"),
        (["Emma"], {}, "there is no trick called 'Emma'"),
        ([EMA(), "EMA"], {}, "is named twice; name it once"),
        ([EMA()], {"design": "steps"}, "design must be one of"),
        ([EMA()], {"budget": "5 parsecs"}, "is not a time"),
        ([EMA()], {"budget": 0.001}, r"a budget of 0 s is too small for 10 trainings of 200 steps"),
        ([EMA()], {"budget": 0.001, "epochs": 3}, r"a budget of 0 s is too small for 6 trainings of 3 epochs"),
        (["Cosine", "LinearDecay"], {"design": "pairs"}, r"LinearDecay and Cosine both set"),
        (["EMA(decay=0.9)", "EMA(decay=0.99)"], {"design": "stacked"}, "are one trick with other arguments"),
        (["ZeroGamma"], {}, "ZeroGamma needs"),
        (["EMA", "Cosine"], {"fidelity": 0.5}, "--fidelity compares the order of at least 3 tricks, got 2"),
    ],
)
def test_what_is_wrong_is_refused_before_any_training(
    tiny_images: Data, trainings: list[str], tricks: list, options: dict, error: str
) -> None:
    with pytest.raises(InputError, match=error):
        assay.ablate(RECIPE, tiny_images, tricks, **options)
    assert trainings == []


def test_a_trick_of_the_baseline_is_refused(tiny_images: Data) -> None:
    with pytest.raises(InputError, match=r"EMA.* is in the baseline already, so nothing would change; leave it out"):
        assay.ablate(RECIPE | EMA(), tiny_images, [EMA()])


@dataclass(frozen=True)
class OwnTrick:
    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.change(batch_size=8)


def test_workers_need_parts_that_they_can_build() -> None:
    """A trick or network of one's own was told as one that `a recipe file` cannot name, of which nobody had spoken."""
    with pytest.raises(InputError, match="know Assay's parts alone, and OwnTrick is your own; leave workers out"):
        assay.ablate(RECIPE, "digits", [OwnTrick()], workers=2)


def test_workers_need_data_that_they_can_open(tiny_images: Data) -> None:
    with pytest.raises(InputError, match="data must be a name or a path for them; leave them out"):
        assay.ablate(RECIPE, tiny_images, [EMA()], workers=2)
