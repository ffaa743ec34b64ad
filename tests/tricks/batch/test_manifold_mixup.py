import pytest
import torch
from torch import nn

from assay.learner import build_learner
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.manifold_mixup import ManifoldMixup, candidate_layers, forward_mixed, mix_at
from assay.tricks.batch.mixup import mixup
from assay.tricks.drop.input_dropout import InputDropout
from assay.tricks.inference.flip_average import FlipAverage
from assay.tricks.inference.logit_scale import LogitScale
from assay.tricks.norm.patch_whitening import PatchWhitening

CLOCK = Clock(0, 1, 1)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    inputs = torch.randn(8, 6, generator=torch.Generator().manual_seed(1))
    return inputs, torch.eye(3)[torch.arange(8) % 3], torch.arange(8).roll(3)


def hooks(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


def test_agrees_with_the_network_cut_in_two():
    model, (inputs, targets, partner) = network(), batch()
    outputs, mixed = mix_at(model, model[3], inputs, targets, partner, share=0.3)
    hidden, expected = mixup(model[:4](inputs), targets, partner, share=0.3)
    assert torch.equal(outputs, model[4:](hidden))
    assert torch.equal(mixed, expected)
    assert hooks(model) == 0


def test_candidates_are_the_layers_with_weights_before_the_last():
    model = network()
    assert candidate_layers(model) == [model[1], model[3]]
    assert candidate_layers(nn.ModuleDict({"net": model})) == [model[1], model[3]]
    assert candidate_layers(model, ("4",)) == [model[4]]
    residual = ResNet(width=4).build((1, 8, 8), 3)
    names = {id(module): name for name, module in residual.named_modules()}
    assert [names[id(layer)] for layer in candidate_layers(residual)] == ["stem", "stage1", "stage2", "stage3"]


def test_every_candidate_and_the_inputs_are_drawn():
    model, (inputs, targets, _) = network(), batch()
    found = set()
    for seed in range(60):
        share_of = torch.Generator().manual_seed(seed)
        outputs, mixed = forward_mixed(model, inputs, targets, share_of, CLOCK, alpha=2.0, layers=())
        draws = torch.Generator().manual_seed(seed)
        found.add(int(torch.randint(0, 3, (), generator=draws)))
        torch.testing.assert_close(mixed.sum(1), torch.ones(8))
        assert outputs.shape == (8, 3)
    assert found == {0, 1, 2}
    assert hooks(model) == 0


def test_the_same_generator_state_gives_the_same_blend_and_gradients_reach_every_layer():
    model, (inputs, targets, _) = network(), batch()
    forward = (Recipe() | ManifoldMixup()).forward
    once, again = (forward(model, inputs, targets, torch.Generator().manual_seed(4), CLOCK) for _ in range(2))
    assert torch.equal(once[0], again[0])
    assert torch.equal(once[1], again[1])
    once[0].sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_blends_under_autocast():
    model, (inputs, targets, partner) = network(), batch()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs, mixed = mix_at(model, model[1], inputs, targets, partner, share=0.3)
    assert outputs.dtype == torch.bfloat16
    assert mixed.dtype == torch.float32


def test_alpha_0_is_the_network_itself():
    model, (inputs, targets, _) = network(), batch()
    outputs, kept = forward_mixed(model, inputs, targets, torch.Generator(), CLOCK, alpha=0.0, layers=())
    assert torch.equal(outputs, model(inputs))
    assert kept is targets


def test_no_hook_stays_behind_an_error():
    model, (inputs, targets, partner) = network(), batch()
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        mix_at(model, model[3], inputs[:, :4], targets, partner, share=0.5)
    assert hooks(model) == 0


def test_refusals():
    model, (inputs, targets, partner) = network(), batch()
    with pytest.raises(ValueError, match=r"alpha must be 0 or finite and at least 0.01, got -1"):
        ManifoldMixup(-1.0)
    with pytest.raises(RecipeError, match="ManifoldMixup has no layer stage9 to blend at; the network has 0, 1, 2"):
        candidate_layers(model, ("stage9",))
    with pytest.raises(RecipeError, match="ManifoldMixup needs the names of layers to blend at: Linear has no"):
        candidate_layers(nn.Linear(2, 2))
    with pytest.raises(RecipeError, match="needs a layer that runs once in each pass, Linear ran 0 times"):
        mix_at(model, nn.Linear(2, 2), inputs, targets, partner, share=0.5)
    assert hooks(model) == 0


def test_candidates_are_the_networks_own_layers_whatever_is_around_it(tiny_images):
    """Layers in front stood for the network where something was wrapped around both, and were all that was blended."""
    around = (LogitScale(), PatchWhitening(), InputDropout(), FlipAverage())
    home = Recipe(model=ResNet(8, 4))
    plain, wrapped = home | ManifoldMixup(), home | ManifoldMixup()
    for trick in around:
        wrapped = wrapped | trick
    found = []
    for recipe in (plain, wrapped):
        model = build_learner(recipe, tiny_images.specification, seed=0, device=torch.device("cpu")).model
        names = {id(module): name for name, module in model.named_modules()}
        found.append([names[id(layer)].rpartition("model.")[2] for layer in candidate_layers(model)])
    assert found[0] == found[1] == ["stem", "stage1", "stage2", "stage3"]
