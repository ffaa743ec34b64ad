"""Which tricks a run can have: those that its recipe takes, and that are for data like its own.

The judges are the commands' own: `Recipe.put` and `assay.tricks.kinds_of_inputs.require_fit`. Of data whose shape
nobody wrote down it is not known that they are images: tricks for images are not named for them.
"""

from __future__ import annotations

from assay.advice.measurements import Measurements
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.errors import InputError
from assay.in_place import put_in_place
from assay.tricks.expression import read_trick
from assay.tricks.kinds_of_inputs import missing_kind, require_fit


def specify(m: Measurements) -> Specification:
    """As much of the data's specification as decides which tricks are for it: its task, shape and classes."""
    task = "classification" if m.metric == "accuracy" else "regression"
    shape = m.input_shape
    return Specification(task, shape, Normalization((), ()), ArrayEncoder(shape), tuple(m.per_class))


def takes(m: Measurements, trick: str) -> bool:
    """Whether the run's recipe and data can have this trick; of an unknown recipe only the data are asked."""
    made, specification = read_trick(trick), specify(m)
    if m.recipe is None:
        return not missing_kind(made, specification)
    try:
        require_fit(put_in_place(m.recipe, made, m.recipe.tricks)[0], specification)
    except InputError:
        return False
    return True
