import pytest

from assay.recipe import Recipe
from assay.tricks.card import card
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.target.label_smoothing import LabelSmoothing


def test_a_card_is_the_modules_docstring_taken_apart():
    found = card(LabelSmoothing)
    assert found.name == "label-smoothing"
    assert found.slot == "target"
    assert found.summary == "Label smoothing: soft targets keep logits from growing without bound."
    assert "smoothing / num_classes\n" in found.body
    assert "Source" not in found.body
    assert found.source.startswith("Szegedy et al. 2015, section 7 (arXiv:1512.00567); He et al. 2018")
    assert "77.91 -> 78.31" in found.published
    assert found.hurts == "semantic segmentation, ADE20K mIoU 39.33 -> 38.75 (He et al. 2018, table 9)."
    assert found.ends == ""


def test_a_schedules_card_says_where_it_ends():
    assert card(StepDecay).ends.startswith("first 1, last factor ^ len(milestones)")


def test_a_class_whose_module_has_no_source_is_refused():
    with pytest.raises(ValueError, match="the module of Recipe must have a docstring with a line 'Source"):
        card(Recipe)
