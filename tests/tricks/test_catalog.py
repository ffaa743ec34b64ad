from pathlib import Path

import pytest

import assay.tricks
from assay.errors import InputError
from assay.tricks.card import card
from assay.tricks.catalog import TRICKS, find_trick
from assay.tricks.initialisation.he_init import HeInit
from assay.tricks.schedule.constant import ConstantLR
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
