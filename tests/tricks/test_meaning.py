"""Every argument of every trick is explained, with its default."""

from dataclasses import dataclass

import pytest

from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS
from assay.tricks.expression import read_trick
from assay.tricks.meaning import Argument, arguments, expression
from assay.tricks.schedule.one_cycle import OneCycle


def test_names_meanings_and_defaults():
    meaning = "0.2 for ImageNet, up to 1 for CIFAR; larger blends more"
    assert arguments(Mixup) == (Argument("alpha", "0.2", meaning),)
    assert expression(Mixup) == "Mixup(alpha=0.2)"
    cycle = {one.name: one for one in arguments(OneCycle)}
    assert cycle["peak_factor"].meaning == "of the base value, such as the optimiser's learning rate"
    assert cycle["momentum"].default == "None"
    assert cycle["momentum"].meaning.endswith("or None to leave it as the optimiser has it")


@pytest.mark.parametrize("kind", TRICKS, ids=lambda kind: kind.__name__)
def test_every_trick_explains_its_arguments(kind):
    assert read_trick(expression(kind)) == kind()
    for one in arguments(kind):
        assert len(one.meaning) > 1, one
        assert not one.meaning.endswith((".", ";", ",")), one


def test_an_argument_that_is_not_explained_is_refused():
    @dataclass(frozen=True)
    class Silent:
        """Do something. strength: of it."""

        strength: float = 1.0
        form: str = "a"

    with pytest.raises(ValueError, match=r"the docstring of Silent must say `form: \.\.\.`, what it means"):
        arguments(Silent)
