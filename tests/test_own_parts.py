"""A model of one's own, as the page on concepts writes it, is studied like any other and found again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import TensorDataset

import assay
from assay.errors import InputError
from assay.recipe import Recipe
from assay.store.database import open_engine
from assay.tricks.target.label_smoothing import LabelSmoothing

PAGE = Path(__file__).parents[1] / "docs" / "concepts.md"


@pytest.fixture
def written() -> dict[str, Any]:
    """What the page's example makes."""
    (example,) = re.findall(r"```python\n([^`]*class MyModel.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    place: dict[str, Any] = {"Recipe": Recipe, "__name__": __name__}
    exec(example, place)
    return place


def make_data() -> TensorDataset:
    """Two classes of pictures that differ in brightness."""
    torch.manual_seed(0)
    labels = torch.arange(120) % 2
    return TensorDataset(torch.randn(120, 1, 4, 4) + labels[:, None, None, None], labels)


def test_the_example_builds_a_network_and_is_studied(written: dict[str, Any], tmp_path: Path) -> None:
    recipe = written["recipe"]
    network = recipe.model.build((1, 4, 4), 2)
    assert network(torch.zeros(3, 1, 4, 4)).shape == (3, 2)
    assert recipe.key() == Recipe(model=written["MyModel"](32), epochs=2).key()
    assert recipe.key() != Recipe(model=written["MyModel"](33), epochs=2).key()
    study = assay.ablate(recipe, make_data(), [LabelSmoothing(0.1)], seeds=2, folder=tmp_path / "study")
    (effect,) = study.effects
    assert effect.n == 2
    with open_engine(f"sqlite:///{tmp_path}/study/assay.db").connect() as connection:
        told = connection.exec_driver_sql("select description from assay_trials").scalars().all()
    assert len(told) == 4
    assert all(text.startswith("MyModel(width=32)") for text in told)


def test_workers_are_not_given_a_part_that_they_cannot_make(written: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="know Assay's parts alone, and MyModel is your own; leave workers out"):
        assay.ablate(written["recipe"], "digits", [LabelSmoothing(0.1)], seeds=2, workers=1, folder=tmp_path / "study")
