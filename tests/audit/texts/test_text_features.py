"""Features of texts: what models are asked with, in cleaning and in questions, and that no digest is among them."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.audit.cleaning import clean
from assay.audit.cleaning import judging as judging_module
from assay.audit.cleaning.networks import Plan
from assay.audit.cleaning.unlabelled import read_unlabelled
from assay.audit.questionnaire.columns import ask_columns, column_spans
from assay.audit.texts.text_features import text_features, with_text_features, without_stand_ins
from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.saying import silent

SEED = 771
WORDS = {
    "sea": ["wave", "boat", "tide", "harbour", "sail", "anchor"],
    "wood": ["tree", "leaf", "moss", "root", "branch", "forest"],
}
COMMON = ["the", "of", "and", "with", "under", "a"]
WRONG = range(20)


def sentence(draw: random.Random, kind: str) -> str:
    return " ".join(draw.choices(WORDS[kind] + COMMON, k=9))


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """300 sentences of two kinds, a number that tells nothing, and a label that is wrong in the first 20 rows."""
    print("seed", SEED)
    draw, rows = random.Random(SEED), [("number", "said", "kind")]
    for row in range(300):
        kind = ("sea", "wood")[row % 2]
        told = ("wood", "sea")[row % 2] if row in WRONG else kind
        rows.append((str(draw.random()), sentence(draw, kind), told))
    return open_data(write(tmp_path / "said.csv", rows), target="kind", tolerant=True)


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """No networks: they take longer than all else."""
    monkeypatch.setattr(judging_module, "_make_plan", lambda *_: Plan(3, 0.0, {}))


def test_features_are_of_length_one_and_alike_where_texts_are() -> None:
    texts = ["waves and tides", "waves and tide", "moss under the trees", ""]
    found = text_features(texts)
    assert np.linalg.norm(found[:3], axis=1) == pytest.approx(1, abs=1e-5)
    assert not found[3].any()
    assert found[0] @ found[1] > 0.5 > abs(found[0] @ found[2])
    assert np.array_equal(found, text_features(texts))


def test_texts_without_a_letter_have_features_all_the_same() -> None:
    assert text_features(["", ""]).shape == (2, 1)


def test_features_of_a_text_stand_behind_all_other_columns(data: Data) -> None:
    assert data.texts is not None
    assert data.texts.stand_ins == {"said": ("said (characters)", "said (words)")}
    described = with_text_features(data)
    spans = column_spans(described)
    assert [(name, end - start > 10) for name, start, end in spans] == [("number", False), ("said", True)]
    assert spans[-1][-1] == described.specification.input_shape[0] == described.train.gather(torch.arange(1)).shape[1]
    assert torch.equal(described.train.gather(torch.arange(5))[:, 0], data.train.gather(torch.arange(5))[:, 0])


def test_data_without_texts_stays_as_it_is() -> None:
    digits = open_data("digits")
    assert with_text_features(digits) is digits


def test_wrong_labels_of_texts_are_found(data: Data) -> None:
    """By their length alone nobody could: it is the same for both kinds."""
    found = clean(data)
    worst = {found.judged.ids[row] for row in found.fusion.suspects[:20].tolist()}
    assert len(worst & {f"row {row + 1}" for row in WRONG}) >= 19
    (told,) = [one for one in found.findings if one.id == "suspicious_labels"]
    (table,) = told.figures
    assert table.columns[2] == "text"  # type: ignore[union-attr]


def test_a_text_is_one_column_that_is_asked_about(data: Data) -> None:
    answers = ask_columns(with_text_features(data), seed=0, seconds=60.0, say=silent)
    effects = {name: found.estimate for name, found in answers.columns}
    assert set(effects) == {"number", "said"}
    assert effects["said"] < -0.2 < effects["number"]


def test_texts_without_labels_are_sorted_too(data: Data, tmp_path: Path) -> None:
    draw = random.Random(SEED + 1)
    kinds = ["sea", "wood"] * 10
    rows = [("said", "number"), *((sentence(draw, kind), "0.5") for kind in kinds)]
    more = read_unlabelled(data, write(tmp_path / "more.csv", rows))
    found = clean(data).with_additions(more, folder=tmp_path)
    with (tmp_path / "additions.csv").open() as file:
        answers = {row["id"]: row["answer"] for row in csv.DictReader(file)}
    assert [answers[f"row {row + 1}"] for row in range(20)] == kinds
    assert found.findings[-1].evidence["n"] == 20


def test_texts_to_come_must_be_there(data: Data, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks the column 'said'; it has number"):
        read_unlabelled(data, write(tmp_path / "more.csv", [("number",), ("1",)]))


def test_without_stand_ins_the_inputs_are_those_of_a_training(data: Data, tmp_path: Path) -> None:
    trained, asked = open_data(tmp_path / "said.csv", target="kind"), without_stand_ins(data)
    assert asked.specification.input_shape == trained.specification.input_shape != data.specification.input_shape
    assert asked.specification.normalization == trained.specification.normalization
    for name in ("train", "validation", "test"):
        assert torch.equal(torch.as_tensor(getattr(asked, name).inputs), torch.as_tensor(getattr(trained, name).inputs))


def test_without_stand_ins_a_table_of_texts_alone_is_refused(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    rows = [("said", "kind"), *((sentence(draw, kind), kind) for kind in ("sea", "wood") * 40)]
    data = open_data(write(tmp_path / "texts.csv", rows), target="kind", tolerant=True)
    with pytest.raises(InputError, match=r"all input columns \(said\) hold running text, which no network here reads"):
        without_stand_ins(data)
