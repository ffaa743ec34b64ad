"""A study that goes on after a stop tells the costs that it measured before, however much of its time is gone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from assay.ablation.asked import Asked
from assay.ablation.costs import Cost
from assay.budget import Budget
from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.stages import trick_costs
from assay.stages.session import Session
from assay.stages.trick_costs import costs_in_time
from assay.store.store import Store
from assay.tricks.average.ema import EMA
from assay.tricks.target.label_smoothing import LabelSmoothing

BASELINE = Recipe(MLP((8,)), optimizer=SGD(), batch_size=8, epochs=4)
TRICKS = (LabelSmoothing(), EMA())


def costs_of_sitting(folder: Path, data: Data, *, used_before: float) -> dict[int, Cost]:
    """Of each trick, in a sitting that begins when so many of a hundred seconds are gone."""
    with closing(Store(f"sqlite:///{folder / 'assay.db'}")) as store:
        budget = Budget(100.0, used_before=used_before)
        session = Session(store, store.open_run("run", {}), folder, budget, lambda _: None, device="cpu", only="ablate")
        session.stage_name = "ablate"
        return dict(costs_in_time(session, data, BASELINE, TRICKS, {}, {0, 1}, Asked()).tricks)


@pytest.mark.parametrize("used_before", [60.0, 120.0])
def test_costs_are_found_again_when_their_share_of_the_time_is_long_over(
    tmp_path: Path, tiny_images: Data, monkeypatch: pytest.MonkeyPatch, used_before: float
) -> None:
    first = costs_of_sitting(tmp_path, tiny_images, used_before=0.0)
    assert set(first) == {0, 1}
    monkeypatch.setattr(trick_costs, "measure_cost", lambda *_, **__: pytest.fail("a cost was measured again"))
    assert costs_of_sitting(tmp_path, tiny_images, used_before=used_before) == first


def test_no_more_than_their_share_of_the_time_goes_to_costs(
    tmp_path: Path, tiny_images: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trick_costs, "FOR_COSTS", 0.0)
    assert costs_of_sitting(tmp_path, tiny_images, used_before=0.0) == {}
