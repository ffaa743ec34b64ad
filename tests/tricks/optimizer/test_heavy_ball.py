import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.nesterov import Nesterov
from assay.tricks.optimizer.weight_decay import WeightDecay


def heavy_ball(weight, gradient, state, number, *, rate, momentum, decay):
    state["velocity"] = momentum * state.get("velocity", 0.0) + gradient + decay * weight
    return weight - rate * state["velocity"]


def test_by_hand():
    # velocity 2, then 0.5 * 2 + 4 = 5
    found = walk(HeavyBall(0.1, momentum=0.5), torch.tensor([1.0]), [torch.tensor([2.0]), torch.tensor([4.0])])
    assert found.item() == pytest.approx(1 - 0.2 - 0.5)


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(HeavyBall(0.1, momentum=0.8, weight_decay=0.3), start, gradients)
    torch.testing.assert_close(found, walk_by_hand(heavy_ball, start, gradients, rate=0.1, momentum=0.8, decay=0.3))


def test_it_is_the_optimizer_of_the_recipe_and_only_one_may_be():
    recipe = Recipe(optimizer=SGD(0.5)) | HeavyBall(0.2)
    assert recipe.optimizer == HeavyBall(0.2)
    assert recipe.baseline.optimizer == SGD(0.5)
    with pytest.raises(RecipeError, match="Nesterov and HeavyBall both set optimizer; keep one of them"):
        recipe | Nesterov()


def test_what_earlier_tricks_set_on_the_optimizer_holds_in_either_order():
    recipe, tricks = Recipe(batch_size=512), (HeavyBall(0.1), WeightDecay(0.25), LinearScaling(128))
    after = recipe | tricks[0] | tricks[1] | tricks[2]
    before = recipe | tricks[2] | tricks[1] | tricks[0]
    assert after.optimizer == before.optimizer == HeavyBall(0.4, weight_decay=0.25)
    assert before.change(batch_size=256).optimizer == HeavyBall(0.2, weight_decay=0.25)
    with pytest.raises(RecipeError, match="WeightDecay is already in the recipe"):
        before | WeightDecay(0.1)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\), got 1.5; the usual value is 0.9"):
        HeavyBall(momentum=1.5)
    with pytest.raises(ValueError, match=r"learning_rate must be finite and at least 0, got -0.1"):
        HeavyBall(-0.1)
