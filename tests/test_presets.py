import pytest

from assay.errors import InputError
from assay.optimizers import SGD, Adam
from assay.presets.catalog import PRESETS, find_preset
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.schedule import Clock
from assay.tricks.stopping.early_stopping import EarlyStopping


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_has_provenance_and_reads_back(preset):
    assert preset.published
    assert preset.source
    assert recipe_from_toml(recipe_to_toml(preset.recipe)) == preset.recipe


def test_karpathy_baseline_is_what_the_post_says():
    recipe = find_preset("karpathy-baseline").recipe
    assert recipe.optimizer == Adam(learning_rate=3e-4, weight_decay=0.0)
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_schedule(Clock(99, 100, 10)) == 1.0
    assert not recipe.input_edits
    assert not recipe.batch_edits


def test_book_baseline_is_what_the_book_says():
    recipe = find_preset("book-baseline").recipe
    assert isinstance(recipe.optimizer, SGD)
    assert recipe.optimizer.momentum == 0.9
    assert recipe.has(EarlyStopping)
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_schedule(Clock(100, 100, 10)) == pytest.approx(0.01)


def test_unknown_names_are_refused_with_the_closest():
    with pytest.raises(InputError, match=r"no preset called 'book-base-line'; did you mean book-baseline\?"):
        find_preset("book-base-line")
    with pytest.raises(InputError, match="no preset called 'x'; choose from karpathy-baseline, book-baseline"):
        find_preset("x")
