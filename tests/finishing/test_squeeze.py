"""The last trainings, on data so tiny that they take milliseconds."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from assay.artifact import load_model
from assay.data.data import Data
from assay.evaluation import evaluate
from assay.finding import Report
from assay.finishing.distillation import distil_recipe
from assay.finishing.squeeze import Candidate, squeeze, train_here, with_average
from assay.losses import MeanSquaredError
from assay.models.ensemble import Ensemble
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.recipe_toml import read_recipe, recipe_to_toml
from assay.stages.squeeze import ship
from assay.training.train import Run, train
from assay.tricks.average.ema import EMA

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=4)
REGRESSION = RECIPE.change(loss=MeanSquaredError())


def names_of(report: Report) -> list[str]:
    return list(next(f for f in report.findings if f.id == "shipped_model").evidence)


def recording(data: Data, stop_after: int = 99) -> tuple[list[tuple[str, int, bool]], Callable[..., Run | None]]:
    asked: list[tuple[str, int, bool]] = []

    def train_member(name: str, recipe: Recipe, seed: int, teacher: Ensemble | None) -> Run | None:
        asked.append((name, seed, teacher is not None))
        return None if len(asked) > stop_after else train_here(recipe, data, seed, teacher)

    return asked, train_member


def test_every_candidate_is_made(tiny_images: Data) -> None:
    asked, train_member = recording(tiny_images)
    squeezed = squeeze(RECIPE, tiny_images, seed=5, train_member=train_member)
    assert asked == [("member-0", 5, False), ("member-1", 6, False), ("member-2", 7, False), ("student", 8, True)]
    assert names_of(squeezed.report) == ["one network", "one network, averaged weights", "ensemble of 3", "distilled"]
    assert len(squeezed.runs) == 4
    assert squeezed.recipe.has(EMA)
    assert not squeezed.report.skipped


def test_what_ships_is_what_validated_best(tiny_images: Data) -> None:
    squeezed = squeeze(RECIPE, tiny_images)
    evidence = next(f for f in squeezed.report.findings if f.id == "shipped_model").evidence
    assert squeezed.evaluation.value == max(row["value"] for row in evidence.values())
    module = Ensemble(squeezed.members, classes=True) if len(squeezed.members) > 1 else squeezed.members[0]
    again = evaluate(module, tiny_images.validation, tiny_images.specification)
    assert again.value == squeezed.evaluation.value
    assert torch.allclose(again.outputs, squeezed.evaluation.outputs, atol=1e-5)


def test_shipped_networks_answer_by_evaluation_rules(tiny_images: Data) -> None:
    squeezed = squeeze(RECIPE, tiny_images, members=1)
    assert not any(module.training for member in squeezed.members for module in member.modules())


def test_no_time_for_more_than_one(tiny_images: Data) -> None:
    asked, train_member = recording(tiny_images, stop_after=1)
    squeezed = squeeze(RECIPE, tiny_images, train_member=train_member)
    assert [name for name, _, _ in asked] == ["member-0", "member-1"]
    assert [(s.id, s.reason) for s in squeezed.report.skipped] == [
        ("members 2 to 3", "budget"),
        ("distillation", "needs an ensemble of two or more"),
    ]
    assert names_of(squeezed.report) == ["one network", "one network, averaged weights"]


def students_first(data: Data) -> Callable[..., Run | None]:
    """Members of one step, and a student that is trained until it knows the data."""

    def train_member(name: str, recipe: Recipe, seed: int, teacher: Ensemble | None) -> Run | None:
        if teacher is None:
            return train(recipe.change(epochs=0.1), data, seed=seed)
        return train(distil_recipe(recipe.change(epochs=30), teacher, weight=0.0), data, seed=seed)

    return train_member


def test_the_recipe_of_a_distilled_network_is_the_students(tiny_images: Data) -> None:
    squeezed = squeeze(RECIPE, tiny_images, members=2, train_member=students_first(tiny_images))
    assert squeezed.is_distilled
    assert squeezed.shipped is squeezed.runs[-1]
    assert (squeezed.recipe.epochs, squeezed.recipe.optimizer.learning_rate) == (30, pytest.approx(3e-3))
    assert not squeeze(RECIPE, tiny_images, members=2, distil=False).is_distilled


def test_what_is_written_beside_a_distilled_network_trained_it(tiny_images: Data, tmp_path: Path) -> None:
    squeezed = squeeze(RECIPE, tiny_images, members=2, train_member=students_first(tiny_images))
    text = ship(tmp_path, squeezed, tiny_images)
    written = read_recipe(tmp_path / "recipe.toml")
    assert (tmp_path / "recipe.toml").read_text() == text
    assert text.startswith("# From the weights of an ensemble's first member, on that ensemble's answers")
    assert (written.epochs, written.optimizer.learning_rate) == (30, pytest.approx(3e-3))
    assert load_model(tmp_path).recipe == written
    assert evaluate(load_model(tmp_path).module, tiny_images.validation, tiny_images.specification).value == 1.0


def test_what_is_written_beside_an_ensemble_is_the_members_recipe(tiny_images: Data, tmp_path: Path) -> None:
    squeezed = squeeze(RECIPE, tiny_images, members=2, distil=False)
    assert ship(tmp_path, squeezed, tiny_images) == recipe_to_toml(with_average(RECIPE.change(epochs=4.0)))


def test_no_time_for_the_student(tiny_images: Data) -> None:
    _, train_member = recording(tiny_images, stop_after=2)
    squeezed = squeeze(RECIPE, tiny_images, members=2, train_member=train_member)
    assert [(s.id, s.reason) for s in squeezed.report.skipped] == [("distillation", "budget")]
    assert "ensemble of 2" in names_of(squeezed.report)


def test_without_distillation(tiny_images: Data) -> None:
    squeezed = squeeze(RECIPE, tiny_images, members=2, distil=False)
    assert "distilled" not in names_of(squeezed.report)
    assert not squeezed.report.skipped


def test_regression_refuses_nothing(tiny_table: Data) -> None:
    squeezed = squeeze(REGRESSION, tiny_table, members=2)
    assert {finding.id for finding in squeezed.report.findings} == {"shipped_model", "long_training"}
    assert squeezed.evaluation.metric == "r2"


def test_an_average_of_the_recipes_own_is_kept() -> None:
    own = RECIPE | EMA(decay=0.5)
    assert with_average(own) is own
    assert with_average(RECIPE).has(EMA)


def test_report_survives_json(tiny_images: Data) -> None:
    report = squeeze(RECIPE, tiny_images, members=2).report
    assert Report.from_dict(report.to_dict()) == report


def test_same_seed_same_model(tiny_images: Data, random_state_untouched: None) -> None:
    first, again = (squeeze(RECIPE, tiny_images, members=2, seed=3) for _ in range(2))
    assert torch.equal(first.evaluation.outputs, again.evaluation.outputs)


class TestRank:
    def candidate(self, data: Data, outputs: list[list[float]], members: int = 1) -> Candidate:
        from assay.evaluation import score

        rows = torch.tensor(outputs).expand(8, 4)
        evaluation = score(rows, data.validation.targets, data.specification)
        run = train(RECIPE.change(epochs=0.1), data)
        return Candidate("", tuple(nn.Identity() for _ in range(members)), evaluation, run)

    def test_fewer_networks_win_a_tie(self, tiny_images: Data) -> None:
        one, three = (self.candidate(tiny_images, [[0.4, 0.3, 0.2, 0.1]], members) for members in (1, 3))
        assert max([three, one], key=lambda c: c.rank) is one

    def test_the_loss_tells_equal_accuracies_apart(self, tiny_images: Data) -> None:
        sure, unsure = (self.candidate(tiny_images, [row]) for row in ([0.7, 0.1, 0.1, 0.1], [0.28, 0.24, 0.24, 0.24]))
        assert max([sure, unsure], key=lambda c: c.rank) is unsure

    @pytest.mark.parametrize("first", [True, False])
    def test_what_diverged_comes_last(self, tiny_images: Data, first: bool) -> None:
        """Answers of nan count as class 0, which may well be the commonest."""
        broken = self.candidate(tiny_images, [[math.nan] * 4])
        wrong = self.candidate(tiny_images, [[0.0, 0.0, 0.0, 1.0]])
        both = [broken, wrong] if first else [wrong, broken]
        assert max(both, key=lambda c: c.rank) is wrong


def test_refuses_no_member(tiny_images: Data) -> None:
    with pytest.raises(ValueError, match="members must be at least 1, got 0"):
        squeeze(RECIPE, tiny_images, members=0)
