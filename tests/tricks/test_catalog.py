from dataclasses import replace
from pathlib import Path

import pytest

import assay.tricks
from assay.data.data import Data
from assay.data.encoders import ArrayEncoder, TableEncoder
from assay.data.reading.column import Column
from assay.data.specification import Specification
from assay.errors import InputError
from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.time_mask import TimeMask
from assay.tricks.batch.time_shift import TimeShift
from assay.tricks.card import card
from assay.tricks.catalog import TRICKS, find_trick, require_fit, why_not
from assay.tricks.initialisation.he_init import HeInit
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.spelling import condense
from assay.tricks.target.label_smoothing import LabelSmoothing

PACKAGE = Path(next(iter(assay.tricks.__path__)))
FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.glob("*/*.py") if path.name != "__init__.py")


def module_path(trick: type) -> Path:
    return Path(*trick.__module__.split(".")[2:]).with_suffix(".py")


def test_every_file_in_a_slot_is_in_the_catalog_once():
    assert sorted(map(module_path, TRICKS)) == FILES


def test_every_file_has_a_test():
    assert len(FILES) > 100
    assert [file for file in FILES if not (Path(__file__).parent / file.parent / f"test_{file.name}").exists()] == []


def test_tricks_are_found_by_either_name():
    assert find_trick("label-smoothing") is LabelSmoothing
    assert find_trick("LabelSmoothing") is LabelSmoothing
    assert find_trick("label_smoothing") is LabelSmoothing
    assert find_trick("constant") is ConstantLR
    assert find_trick("ConstantLR") is ConstantLR


def test_names_are_no_two_tricks():
    assert len({card(trick).name for trick in TRICKS} | {trick.__name__ for trick in TRICKS}) == 2 * len(TRICKS)


@pytest.mark.parametrize("tricks", [TRICKS[::9], pytest.param(TRICKS, marks=pytest.mark.slow)], ids=["some", "all"])
def test_the_name_of_a_card_finds_its_trick(tricks):
    assert [find_trick(card(trick).name) for trick in tricks] == list(tricks)


def test_no_name_stands_for_two_tricks():
    held = {}
    for trick in TRICKS:
        for name in {condense(called) for called in card(trick).names}:
            assert held.setdefault(name, trick) is trick, name
    assert find_trick("Kaiming initialization") is HeInit


def test_unknown_tricks_are_refused_with_the_closest():
    with pytest.raises(InputError, match=r"no trick called 'mixip'; did you mean mixup\?"):
        find_trick("mixip")
    with pytest.raises(InputError, match="no trick called 'zzz'; `assay tricks` lists them"):
        find_trick("zzz")


def test_why_not_says_what_stands_in_the_way(tiny_table, tiny_images):
    table, images = tiny_table.specification, tiny_images.specification
    assert why_not(Flip(), Recipe(), table) == "Flip needs images; these inputs are vectors of shape (3,)"
    assert why_not(Flip(), Recipe(), images) == ""
    assert "both set learning rate schedule" in why_not(Cosine(), Recipe() | ConstantLR(), images)
    assert "ResNetD needs a ResNet" in why_not(ResNetD(), Recipe(), images)


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
    assert why_not(TimeMask(), Recipe(), images) == "TimeMask needs signals; these inputs are images of shape (1, 8, 8)"
    for signal in ((40,), (2, 40), (2, 1, 40)):
        require_fit(Recipe() | TimeShift() | TimeMask(), shaped(images, *signal))
