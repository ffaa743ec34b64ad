"""A search says of each trial whether it was there before it was asked for, as after a stop."""

from __future__ import annotations

from remembering import Remembering

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.tuning.search import Bench, try_all
from assay.tuning.searched import Searched


def test_a_search_tells_which_trials_were_there(tiny_images: Data) -> None:
    recipe = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=2)
    told, trainer = list[Searched](), Remembering()
    bench = Bench(recipe, tiny_images, trainer=trainer, on_trial=lambda _, one: told.append(one))
    settings = [{"learning_rate": rate} for rate in (1e-3, 1e-2, 1e-1)]
    first, again = try_all(bench, settings[:2], trials=2), try_all(bench, settings, trials=3)
    assert [one.found_again for one in told] == [False, False, True, True, False]
    assert again[:2] == first, "the same trials, however they came"
