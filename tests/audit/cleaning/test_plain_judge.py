"""What a kept judgement is known by: the model with all its settings, or it is not kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from assay.audit.cleaning import clean, kept
from assay.audit.cleaning import judging as judging_module
from assay.audit.cleaning.fold import Judgement
from assay.audit.cleaning.networks import Plan
from assay.audit.cleaning.plain_judge import PlainJudge, describe_model
from assay.data.data import Data


class Bare:
    """A model whose text is its place in memory."""

    trained = 0

    def __init__(self, depth: int, rule: Any = None) -> None:
        self.depth, self.rule = depth, rule

    def fit(self, inputs: np.ndarray, labels: np.ndarray) -> Bare:
        type(self).trained += 1
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        return np.full((len(inputs), len(self.classes_)), 1 / len(self.classes_))


class Tuned(Bare):
    """One that tells its settings as scikit-learn's do."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {"depth": self.depth}


@pytest.mark.parametrize("kind", [Bare, Tuned])
def test_other_settings_are_another_model(kind: type[Bare]) -> None:
    assert describe_model(kind(3)) == describe_model(kind(3))
    assert describe_model(kind(3)) != describe_model(kind(4))


def test_settings_inside_settings_count() -> None:
    deep = [make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours)) for neighbours in (3, 3, 4)]
    first, same, other = map(describe_model, deep)
    assert first is not None
    assert first == same
    assert first != other


def test_long_arrays_among_the_settings_count() -> None:
    """Their texts are alike: numpy leaves out the middle."""
    first, other = np.zeros(5000), np.zeros(5000)
    other[2500] = 1
    assert describe_model(Bare(1, first)) != describe_model(Bare(1, other))
    assert describe_model(Bare(1, first)) == describe_model(Bare(1, first.copy()))


@pytest.mark.parametrize("rule", [lambda x: x, np.random.RandomState(0), partial(max, key=lambda x: x), object])
def test_what_a_model_does_not_tell_is_no_name(rule: Any) -> None:
    told = describe_model(make_pipeline(FunctionTransformer(rule)))
    assert (told is None) == (rule is not object)


def test_a_model_with_other_settings_is_trained_anew(
    digits: tuple[Data, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging_module, "_make_plan", lambda *_: Plan(2, 0.0, {}))
    monkeypatch.setattr(Bare, "trained", 0)
    trained = list[int]()
    for factory in (lambda: Bare(3), lambda: Bare(3), lambda: Bare(4), lambda: Bare(4, len), lambda: Bare(4, print),
                    lambda: Bare(4, lambda x: x), lambda: Bare(4, lambda x: x)):  # fmt: skip
        clean(digits[0], folder=tmp_path, members={"mine": factory})
        trained.append(Bare.trained)
    assert trained == [2, 2, 4, 6, 8, 10, 12]


def test_settings_that_hold_themselves_are_no_name() -> None:
    def make() -> Bare:
        model = Bare(1)
        model.rule = model
        return model

    assert PlainJudge("mine", make, np.zeros((2, 1)), np.arange(2), 2).describe is None


def test_a_judgement_that_cannot_be_kept_leaves_no_half_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(path: Path, arrays: object) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(kept, "save_arrays", break_off)
    with pytest.raises(OSError, match="no space left"):
        kept.keep_judgement(tmp_path / "mine-fold-1.npz", "0" * 16, Judgement({"mine": np.ones((2, 2))}))
    assert not list(tmp_path.iterdir())
