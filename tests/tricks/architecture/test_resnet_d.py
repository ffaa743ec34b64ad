import pytest
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.resnet_d import ResNetD, refinements
from assay.tricks.initialisation.zero_gamma import ZeroGamma


def test_both_halves_make_the_published_resnet_50_d():
    recipe = Recipe(model=ResNet.imagenet(50, "A")) | ResNetD()
    assert recipe.model == ResNet.imagenet(50, "D")


def test_each_half_alone():
    assert refinements(stem=True, shortcut=False) == {"deep_stem": True}
    assert refinements(stem=False, shortcut=True) == {"downsampling": "D"}
    assert (Recipe(model=ResNet()) | ResNetD(shortcut=False)).model == ResNet(deep_stem=True)
    assert (Recipe(model=ResNet()) | ResNetD(stem=False)).model == ResNet(downsampling="D")


def test_off_is_identity():
    assert (Recipe(model=ResNet()) | ResNetD(stem=False, shortcut=False)).model == ResNet()


def test_the_built_network_has_three_stem_convolutions_and_pooled_shortcuts():
    network = (Recipe(model=ResNet(8, 4)) | ResNetD()).model.build((3, 8, 8), 2)
    kernels = [layer.kernel_size for layer in network.stem if isinstance(layer, nn.Conv2d)]
    pools = [module for module in network.modules() if isinstance(module, nn.AvgPool2d)]
    strided = [
        m for m in network.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (1, 1) and m.stride != (1, 1)
    ]
    assert kernels == [(3, 3)] * 3
    assert len(pools) == 2
    assert not strided


def test_order_with_zero_gamma_does_not_matter():
    one = Recipe(model=ResNet()) | ResNetD() | ZeroGamma()
    other = Recipe(model=ResNet()) | ZeroGamma() | ResNetD()
    assert one.model == other.model
    assert one.model_edits == other.model_edits


def test_other_models_are_refused():
    with pytest.raises(RecipeError, match="ResNetD needs a ResNet; this recipe has ConvNet"):
        Recipe(model=ConvNet()) | ResNetD()
