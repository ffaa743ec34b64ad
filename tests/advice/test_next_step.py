"""The stage that trains says where the tree leads; a user finds the command with `assay advise`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.advice.decision_tree import DONE, TreePath
from assay.advice.from_training import advise
from assay.advice.next_step import describe_path, tell_next_step
from assay.data.data import Data
from assay.finding import Finding
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.training.history import History
from assay.training.train import train

SLOW = Recipe(optimizer=AdamW(1e-7), epochs=30.0, batch_size=8)


def test_a_training_that_learned_nothing_leads_to_its_rate(tiny_images: Data):
    run = train(SLOW, tiny_images, seed=1)
    found = tell_next_step(run, tiny_images)
    assert (found.id, found.level) == ("decision_path", "note")
    assert found.evidence["leads_to"] == "learning_rate_shape"
    assert "assay advise" in found.fix
    assert Finding.from_dict(found.to_dict()) == found


def test_the_public_function_gives_the_same_path_with_commands(tiny_images: Data):
    run = train(SLOW, tiny_images, seed=1)
    counsel = advise(run, tiny_images, target=0.9, source="pictures")
    assert counsel.path.leads_to == "learning_rate_shape"
    assert str(counsel.advice[0].command).startswith("assay tune pictures --recipe recipe.toml")


def test_commands_name_the_data_only_where_the_name_opens_them(tiny_images: Data):
    """The name of a folder is no path to it."""
    run = train(SLOW, tiny_images, seed=1)
    for name, told in (("pictures", "SOURCE"), ("digits", "digits")):
        counsel = advise(run, replace(tiny_images, name=name), target=0.9)
        assert str(counsel.advice[0].command).startswith(f"assay tune {told} --recipe recipe.toml")


def test_a_history_alone_can_be_advised_on(tiny_images: Data):
    run = train(SLOW, tiny_images, seed=1)
    assert advise(run.history, tiny_images, recipe=SLOW).path.leads_to == "learning_rate_shape"


def test_a_path_without_an_advice_has_no_fix():
    found = describe_path(TreePath((), "", DONE))
    assert (found.summary, found.fix) == (DONE, "")


@pytest.mark.parametrize("target", [1.5, float("nan"), float("inf")])
def test_a_target_that_is_no_score_is_refused(tiny_images: Data, target: float):
    with pytest.raises(ValueError, match="target must be a score of at most 1"):
        advise(History(), tiny_images, target=target)
