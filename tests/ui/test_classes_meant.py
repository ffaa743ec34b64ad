"""Letters that are typed mean the same class on the page and in the terminal: both answer to one file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from page_support import make_pictures

from assay.cli.entry import understand
from assay.errors import InputError
from assay.ui.choices import label_meant


@pytest.mark.parametrize("text", ["ca", "CAR", "at", "11", "x", " dog"])
def test_terminal_and_page_understand_the_same(text: str) -> None:
    classes = ("cat", "car", "dog", "boat", *(f"kind {number}" for number in range(20, 1, -1)))
    data = make_pictures(60, classes=classes)

    def told(ask: Callable[[], object]) -> object:
        try:
            return ask()
        except InputError as error:
            return "several" if "type more of it" in str(error) else "none"

    assert told(lambda: understand(text, classes).label) == told(lambda: label_meant(data.specification, text))


def test_the_page_refuses_what_fits_several() -> None:
    specification = make_pictures(60, classes=("cat", "car", "dog")).specification
    with pytest.raises(InputError, match="'ca' may be cat, car; type more of it"):
        label_meant(specification, "ca")
    assert label_meant(specification, "og") == "dog"
