"""`--over`: what it reads, and what it refuses with which words."""

from __future__ import annotations

import pytest

from assay.errors import InputError
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.target.label_smoothing import LabelSmoothing
from assay.tuning.over import read_space
from assay.tuning.space import Choice, Span

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=SGD()) | LabelSmoothing(0.1)


@pytest.mark.parametrize(
    ("text", "name", "dimension"),
    [
        ("learning_rate=1e-4:1e-1", "learning_rate", Span(1e-4, 1e-1, log=True)),
        ("weight_decay=0:0.1:linear", "weight_decay", Span(0.0, 0.1)),
        ("momentum=0.5:0.99", "momentum", Span(0.5, 0.99)),
        ("momentum=0.5:0.99:log", "momentum", Span(0.5, 0.99, log=True)),
        ("batch_size=16:128:log", "batch_size", Span(16, 128, log=True, whole=True)),
        ("batch_size=32, 64,128", "batch_size", Choice((32, 64, 128))),
        ("nesterov=true,false", "nesterov", Choice((True, False))),
        ("MLP.hidden=(64,),(128,64)", "MLP.hidden", Choice(((64,), (128, 64)))),
        ("label-smoothing.smoothing=0:0.2", "LabelSmoothing.smoothing", Span(0.0, 0.2)),
        ("epochs=5,10", "epochs", Choice((5.0, 10.0))),
    ],
)
def test_forms(text: str, name: str, dimension: Span | Choice) -> None:
    assert read_space([text], RECIPE) == {name: dimension}


def test_words_are_a_choice() -> None:
    recipe = RECIPE | OneCycle()
    assert read_space(["OneCycle.shape=cosine,linear"], recipe) == {"OneCycle.shape": Choice(("cosine", "linear"))}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("learning_rate", "'learning_rate' must be NAME=LOW:HIGH or NAME=VALUE,VALUE"),
        ("=1:2", "must be NAME=LOW:HIGH"),
        ("learning_rate=", "must be NAME=LOW:HIGH"),
        ("learning_rate=1e-1:1e-4", "over learning_rate=1e-1:1e-4: the lower bound must be below the upper one"),
        ("learning_rate=0:1", "a log scale needs bounds above 0, got 0:1; raise the lower one, or write 0:1:linear"),
        ("learning_rate=low:high", "bounds must be numbers, got 'low'"),
        ("learning_rate=1:2:square", "after the bounds there can be :log or :linear, got :square"),
        ("learning_rte=1:2", "no setting 'learning_rte'; did you mean learning_rate"),
        ("batch_size=1.5:3", "bounds must be whole numbers here"),
        ("batch_size=0:64", "batch_size must be at least 1, got 0"),
        ("batch_size=32,many", "batch_size must be a whole number, got 'many'"),
        ("batch_size=32", "a choice must have at least two values, got 32"),
        ("MLP.hidden=8:64", "MLP.hidden is a list, each a whole number, which has no bounds; list values"),
        ("LabelSmoothing.smoothing=0:2", r"smoothing must be in \[0, 1\], got 2"),
        ("Mixup.alpha=0:1", "Mixup is not in the recipe"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_space([text], RECIPE)


def test_a_name_twice_is_refused_in_any_spelling() -> None:
    with pytest.raises(InputError, match="learning_rate is named twice; name it once"):
        read_space(["learning_rate=1e-4:1", "SGD.learning-rate=1e-3,1e-2"], RECIPE)


class TestFixedByATrick:
    def test_its_name_and_what_to_search_instead(self) -> None:
        with pytest.raises(InputError, match=r"WeightDecay fixes it.*search WeightDecay.weight_decay instead"):
            read_space(["weight_decay=1e-4:1e-1"], RECIPE | WeightDecay(0.1))
        assert read_space(["WeightDecay.weight_decay=1e-4:1e-1"], RECIPE | WeightDecay(0.1))

    def test_a_momentum_that_goes_through_values_of_its_own(self) -> None:
        recipe = RECIPE | OneCycle(momentum=(0.95, 0.85))
        with pytest.raises(InputError, match=r"OneCycle fixes it.*search OneCycle.momentum instead"):
            read_space(["momentum=0.5:0.9"], recipe)

    def test_what_a_trick_scales_is_free(self) -> None:
        assert read_space(["learning_rate=1e-3:1"], RECIPE | LinearScaling())
