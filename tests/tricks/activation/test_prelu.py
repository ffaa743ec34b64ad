import pytest
import torch
from torch import nn

from assay.learner import build_learner
from assay.models.mlp import MLP
from assay.network import build_model
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.activation.leaky_relu import LeakyReLU
from assay.tricks.activation.prelu import PReLU


def test_it_starts_as_a_leaky_relu_and_learns_one_slope_a_layer(tiny_images):
    inputs = torch.randn(5, 1, 8, 8)
    leaky, learned = (
        build_model(Recipe() | trick, tiny_images.specification, seed=0) for trick in (LeakyReLU(0.25), PReLU())
    )
    assert torch.equal(leaky(inputs), learned(inputs))
    learned(inputs).square().sum().backward()
    slopes = [module.weight for module in learned.modules() if isinstance(module, nn.PReLU)]
    assert [slope.shape for slope in slopes] == [(1,), (1,)]
    assert all(slope.grad.abs() > 0 for slope in slopes)


def test_slopes_are_left_out_of_weight_decay(tiny_images):
    recipe = Recipe(model=MLP((4,)), optimizer=SGD(weight_decay=0.1)) | PReLU()
    learner = build_learner(recipe, tiny_images.specification, seed=0, device=torch.device("cpu"))
    decays = {parameter.shape: group["weight_decay"] for group in learner.optimizer.param_groups
              for parameter in group["params"]}  # fmt: skip
    assert decays == {(4, 64): 0.1, (1,): 0.0, (4, 4): 0.1, (4,): 0.1}


def test_bad_slopes_are_refused():
    with pytest.raises(ValueError, match=r"slope must be in \[0, 1\], got 2; 0.25 is usual"):
        PReLU(2)
