"""What is for images or signals only is refused on other inputs, before anything is built."""

from dataclasses import replace

import pytest

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder, TableEncoder
from assay.data.reading.column import Column
from assay.data.specification import Specification
from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.time_mask import TimeMask
from assay.tricks.batch.time_shift import TimeShift
from assay.tricks.kinds_of_inputs import require_fit
from assay.tricks.schedule.cosine import Cosine


def test_a_recipe_for_other_data_is_refused_before_anything_is_built(tiny_table, tiny_images):
    table, images = tiny_table.specification, tiny_images.specification
    regression = Recipe(loss=MeanSquaredError())
    require_fit(Recipe() | Flip(), images)
    require_fit(regression | Cosine(), table)
    with pytest.raises(RecipeError, match="is for regression, the data is classification"):
        require_fit(regression, images)
    with pytest.raises(RecipeError, match=r"Flip needs images, these inputs are vectors of shape \(3,\); take it out"):
        require_fit(regression | Flip(), table)
    with pytest.raises(RecipeError, match=r"Flip, Cutout need images.*take them out"):
        require_fit(regression | Flip() | Cutout(2), table)


def shaped(specification: Specification, *shape: int) -> Specification:
    return replace(specification, input_shape=shape, encoder=ArrayEncoder(shape))


def test_what_is_for_signals_is_refused_on_images_and_tables(tiny_table: Data, tiny_images: Data):
    columns = replace(tiny_table.specification, encoder=TableEncoder(tuple(map(Column, "abc"))))
    images = tiny_images.specification
    recipe, remedy = Recipe(loss=MeanSquaredError()) | TimeShift(), r"take it out of the recipe, or save signals as an"
    with pytest.raises(RecipeError, match=f"TimeShift needs signals, these inputs are 3 columns of a table; {remedy}"):
        require_fit(recipe, columns)
    with pytest.raises(RecipeError, match=rf"TimeMask needs .* are images of shape \(1, 8, 8\); {remedy} array \(exam"):
        require_fit(Recipe() | TimeMask(), images)
    with pytest.raises(RecipeError, match="TimeShift, TimeMask need signals"):
        require_fit(recipe | TimeMask(), columns)
    for signal in ((40,), (2, 40), (2, 1, 40)):
        require_fit(Recipe() | TimeShift() | TimeMask(), shaped(images, *signal))
