"""Who people are held against: a model's file, a run's folder, predictions, and baselines; and what does not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest
import torch

from assay.artifact import load_model, save_model
from assay.audit.quiz import Plan, draw_plan, reply, tell_result
from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.network import build_model
from assay.recipe import Recipe
from assay.stages.quiz_rivals import find_rivals, simple_rivals

RECIPE = Recipe(model=MLP(hidden=(8,)))


@pytest.fixture
def plan(tiny_images: Data) -> Plan:
    return draw_plan(tiny_images, questions=8, repeated=4)


@pytest.fixture
def run(tiny_images: Data, tmp_path: Path) -> Path:
    """A folder as a run leaves it."""
    members = [build_model(RECIPE, tiny_images.specification, seed=0).eval()]
    save_model(tmp_path, members, tiny_images.specification, RECIPE)
    rows = [(id, name) for name in ("train", "validation", "test") for id in getattr(tiny_images, name).ids]
    polars.DataFrame(rows, schema=["id", "split"], orient="row").write_parquet(tmp_path / "audit.parquet")
    return tmp_path


def truth_of(data: Data, plan: Plan) -> np.ndarray:
    return data.validation.targets[[example.position for example in plan.examples]].numpy()


def test_a_model_answers_the_plans_examples_in_their_order(tiny_images: Data, plan: Plan, run: Path) -> None:
    model, *baselines = find_rivals(tiny_images, plan, run)
    inputs = tiny_images.validation.gather(torch.tensor([example.position for example in plan.examples]))
    assert model.is_model
    assert model.answers.tolist() == load_model(run).predict(inputs).argmax(1).tolist()
    assert find_rivals(tiny_images, plan, run / "model.safetensors")[0].name == str(run)
    assert [rival.name for rival in baselines] == ["majority class", "nearest neighbours", "logistic regression"]
    assert not any(rival.is_model for rival in baselines)


def test_baselines_see_what_is_easy_to_see(tiny_images: Data, plan: Plan) -> None:
    majority, *others = simple_rivals(tiny_images, plan)
    assert len(set(majority.answers.tolist())) == 1
    for rival in others:
        assert rival.answers.tolist() == truth_of(tiny_images, plan).tolist()


def test_predictions_of_any_model_are_read_by_id(tiny_images: Data, plan: Plan, tmp_path: Path) -> None:
    classes = tiny_images.specification.classes
    rows = [(id, classes[target]) for id, target in
            zip(tiny_images.validation.ids, tiny_images.validation.targets.tolist(), strict=True)]  # fmt: skip
    table = polars.DataFrame([*rows, ("elsewhere", "?")], schema=["Example", "class"], orient="row")
    for path in (tmp_path / "answers.csv", tmp_path / "answers.parquet"):
        table.write_csv(path) if path.suffix == ".csv" else table.write_parquet(path)
        model = find_rivals(tiny_images, plan, path)[0]
        assert (model.name, model.is_model) == (path.name, True)
        assert model.answers.tolist() == truth_of(tiny_images, plan).tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,prediction\na,b\n", "no column of the examples; call it 'id'. Its columns: name, prediction"),
        ("id,guess\na,b\n", "no column of the predictions; call it 'prediction'. Its columns: id, guess"),
        ("id,prediction\na,b\n", "lacks 8 of the 8 examples asked about, such as 'row .*predict the whole validation"),
        ("{rows}row 24,north-west\n", "rows 1 and 9 are both of 'row 24'; leave one"),
        ("{rows}", r"row 5: 'north-wes' is not a class \(did you mean 'north-west'\?\)"),
    ],
)
def test_predictions_that_cannot_be_used_are_refused(
    tiny_images: Data, plan: Plan, tmp_path: Path, text: str, message: str
) -> None:
    rows = "id,prediction\n" + "".join(f"{id},north-wes\n" for id in tiny_images.validation.ids)
    path = tmp_path / "answers.csv"
    path.write_text(text.replace("{rows}", rows))
    with pytest.raises(InputError, match=message):
        find_rivals(tiny_images, plan, path)


def test_a_model_of_other_data_is_refused(tiny_images: Data, plan: Plan, run: Path) -> None:
    other = replace(tiny_images.specification, classes=("a", "b", "c", "d"))
    with pytest.raises(InputError, match=r"the model was trained on other data: classes \('north-west', .* not \('a'"):
        find_rivals(replace(tiny_images, specification=other), plan, run)
    with pytest.raises(InputError, match="no model there; a finished run leaves"):
        find_rivals(tiny_images, plan, run / "nowhere")


def test_a_model_that_learnt_from_the_questions_is_refused(tiny_images: Data, run: Path) -> None:
    swapped = replace(tiny_images, train=tiny_images.validation, validation=tiny_images.train)
    plan = draw_plan(swapped, questions=8, repeated=0)
    with pytest.raises(InputError, match=r"trained on 8 of the 8 examples asked about, such as 'row .*its --seed"):
        find_rivals(swapped, plan, run)


def test_what_could_not_be_asked_or_checked_is_told(
    tiny_images: Data, plan: Plan, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("a sample of one class")

    (run / "audit.parquet").unlink()
    monkeypatch.setattr("assay.stages.quiz_rivals.predict_linear", refuse)
    rivals = find_rivals(tiny_images, plan, run)
    answer = reply(plan.questions[0], "anna", label=tiny_images.specification.classes[0], seconds=1.0)
    report = tell_result(tiny_images, plan, (answer,), model=rivals)
    untold = {one.id: one.reason for one in report.skipped}
    assert "no audit.parquet beside it, so whether it trained on the questions is not known" in untold[str(run)]
    assert untold["logistic regression"] == "a sample of one class"
    baseline = next(finding for finding in report.findings if finding.id == "human_baseline")
    assert "logistic regression" not in baseline.evidence["accuracy"]
