import pytest
import torch
from torch import nn

from assay.learner import build_learner
from assay.models.convnet import ConvNet
from assay.models.norms import NORMS
from assay.models.residual_block import ResidualBlock
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.fixup import Fixup, ScalarBias, ScalarScale, branch_scale, draw_fixup
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma

FORMS = [
    ResNet(14, 4),
    ResNet(11, 4, block="bottleneck", downsampling="D", deep_stem=True),
    ResNet(8, 4, unit="preactivation"),
    ResNet(8, 4, unit="pyramid"),
]


def build(model, specification, *tricks):
    recipe = Recipe(model=model)
    for trick in (*tricks, Fixup()):
        recipe = recipe | trick
    return build_model(recipe, specification, seed=0)


def silent(layer, inputs, outputs):
    assert not outputs.any()


def test_the_scale_of_branches_by_hand():
    assert branch_scale(16, 2) == 0.25
    assert branch_scale(16, 3) == 0.5
    assert branch_scale(1, 2) == branch_scale(9, 1) == 1.0


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_it_starts_as_shortcuts_without_norms_and_every_parameter_can_learn(form, tiny_images):
    model = build(form, tiny_images.specification)
    inputs = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert not any(isinstance(module, NORMS) for module in model.modules())
    for block in model.modules():
        if isinstance(block, ResidualBlock):
            assert isinstance(block.branch[-1], ScalarScale) or isinstance(block.branch[-1][-1], ScalarScale)
            block.branch[-1].register_forward_hook(silent)
    model(inputs)
    for block in model.modules():
        if isinstance(block, ResidualBlock):
            block.branch[-1]._forward_hooks.clear()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    targets = torch.arange(6) % 4
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    assert not [
        name for name, parameter in model.named_parameters() if parameter.grad is None or not parameter.grad.any()
    ]


def test_weights_are_hes_scaled_by_the_number_of_blocks(tiny_images):
    model = build(ResNet(20, 16), tiny_images.specification)
    convolutions = [layer for layer in model.stage2[1].branch.modules() if isinstance(layer, nn.Conv2d)]
    expected = (2 / (32 * 9)) ** 0.5 * 9**-0.5
    # 9,216 draws: their deviation is off by about 0.7 %.
    assert convolutions[0].weight.std().item() == pytest.approx(expected, rel=0.03)
    assert not convolutions[1].weight.any()
    assert not model.linear[1].weight.any()
    assert not model.linear[1].bias.any()


def test_scalars_and_biases_learn_at_a_tenth_of_the_rate(tiny_images):
    recipe = Recipe(model=ResNet(8, 4), optimizer=SGD(0.4)) | Fixup()
    learner = build_learner(recipe, tiny_images.specification, seed=0, device=torch.device("cpu"))
    rates = {name: group["lr"] for group in learner.optimizer.param_groups for name, parameter
             in learner.model.named_parameters() if any(parameter is one for one in group["params"])}  # fmt: skip
    assert {name for name, rate in rates.items() if rate == pytest.approx(0.04)} == {
        name for name in rates if name.endswith(("bias", "scale"))
    }
    assert learner.optimizer.param_groups[0]["lr"] == 0.4


def test_biases_come_before_all_layers_but_the_first(tiny_images):
    model = build(ResNet(8, 4), tiny_images.specification)
    assert isinstance(model.stem[0], nn.Conv2d)
    assert isinstance(model.stem[1], ScalarBias)
    kinds = [type(layer) for layer in model.stage1[0].branch.modules() if not isinstance(layer, nn.Sequential)]
    assert kinds == [ScalarBias, nn.Conv2d, ScalarBias, nn.ReLU, ScalarBias, nn.Conv2d, ScalarScale]


def test_the_output_bias_is_kept_if_another_trick_sets_it(tiny_images):
    model = build(ResNet(8, 4), tiny_images.specification, OutputBiasInit())
    assert model.linear[1].bias.any()
    assert not model.linear[1].weight.any()


def test_refusals():
    with pytest.raises(RecipeError, match="Fixup needs a ResNet; this recipe has ConvNet"):
        Recipe(model=ConvNet()) | Fixup()
    with pytest.raises(RecipeError, match="ZeroGamma and Fixup both set residual start; keep one of them"):
        Recipe(model=ResNet()) | Fixup() | ZeroGamma()
    with pytest.raises(ValueError, match="must have residual blocks, got Linear without any; use ResNet"):
        draw_fixup(nn.Linear(2, 2))
