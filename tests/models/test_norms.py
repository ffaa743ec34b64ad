"""Swapped norms keep channels, scale, shift, mode and device."""

import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.norms import ChannelsLast, channels_of, find_norms, group_count, insert_norm, swap_norm
from assay.models.resnet import ResNet
from assay.tricks.norm.batch_renorm import BatchRenorm, BatchRenormLayer
from assay.tricks.norm.cross_iteration_batch_norm import CrossIterationBatchNormLayer
from assay.tricks.norm.ghost_batch_norm import GhostBatchNormLayer


def one_group(channels):
    return nn.GroupNorm(1, channels)


def test_every_norm_is_swapped_and_keeps_its_channels_scale_shift_and_mode():
    model = ResNet(8, 4).build((1, 8, 8), 2).eval()
    before = find_norms(model)
    nn.init.zeros_(model.stage2[0].last_norm.weight)
    assert swap_norm(model, one_group) is model
    after = find_norms(model)
    assert list(after) == list(before)
    assert len(after) > 5
    assert all(type(norm) is nn.GroupNorm and not norm.training for norm in after.values())
    assert [norm.num_channels for norm in after.values()] == [norm.num_features for norm in before.values()]
    assert not model.stage2[0].last_norm.weight.any()
    assert model.stage2[0].last_norm.weight is before["stage2.0.branch.4"].weight


def test_any_module_with_norms_of_any_dimension_works():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.maps = nn.BatchNorm1d(4), nn.ModuleDict({"deep": nn.BatchNorm3d(6)})
            self.again = self.first
            self.plain = nn.InstanceNorm2d(2)

        def forward(self, inputs):
            return self.again(self.first(inputs))

    model = swap_norm(Odd(), one_group)
    assert model.first is model.again
    assert [channels_of(norm) for norm in find_norms(model).values()] == [4, 6, 2]
    assert model(torch.randn(3, 4)).shape == (3, 4)
    assert isinstance(swap_norm(nn.BatchNorm2d(3), one_group), nn.GroupNorm)


def test_it_stays_on_its_device():
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3, affine=False))
    swap_norm(model, one_group)
    assert model[1].weight.is_meta


def test_norms_of_the_last_dimension_stay_so():
    """As layer norm over one dimension is one group of channels, seen from the other side."""
    inputs = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.LayerNorm(6))
    expected = model(inputs.mean(1))
    swap_norm(model, one_group)
    assert isinstance(model[0], ChannelsLast)
    torch.testing.assert_close(model(inputs.mean(1)), expected)
    assert model(inputs).shape == inputs.shape
    swap_norm(model, nn.BatchNorm1d)
    outputs = model(inputs)
    torch.testing.assert_close(outputs.mean((0, 1)), torch.zeros(6), atol=1e-6, rtol=0)


@pytest.mark.parametrize("make", [one_group, lambda channels: nn.GroupNorm(2, channels)], ids=["one", "two groups"])
def test_no_position_learns_of_another(make):
    """In a causal network it would see what comes."""
    model = swap_norm(nn.Sequential(nn.LayerNorm(8)), make)
    inputs = torch.randn(1, 5, 8, generator=torch.Generator().manual_seed(0))
    changed = inputs.clone()
    changed[0, 4] += 10 * torch.arange(8)
    torch.testing.assert_close(model(changed)[0, :4], model(inputs)[0, :4], atol=0, rtol=0)
    assert not torch.equal(model(changed)[0, 4], model(inputs)[0, 4])


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("norm_first", [False, True])
def test_transformers_of_torch_answer_alike_in_both_modes(norm_first):
    """In evaluation they have a fused form, which knows layer norm only."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, norm_first=norm_first)
    inputs, padding = torch.randn(3, 5, 8), torch.arange(5).expand(3, 5) >= torch.tensor([[5], [4], [2]])
    for model in (layer, nn.TransformerEncoder(layer, 2, enable_nested_tensor=not norm_first)):
        swap_norm(model, lambda channels: nn.GroupNorm(2, channels))
        for mask in (None, padding):
            trained = model.train()(inputs, src_key_padding_mask=mask)
            with torch.no_grad():
                torch.testing.assert_close(model.eval()(inputs, src_key_padding_mask=mask), trained)


def test_norms_of_single_channels_are_refused_where_each_position_stands_alone():
    for make in (nn.InstanceNorm1d, lambda channels: nn.GroupNorm(channels, channels)):
        with pytest.raises(InputError, match=r"make must give a norm of several channels for LayerNorm, .*keep="):
            swap_norm(nn.Sequential(nn.LayerNorm(8)), make)


def test_layer_norms_that_no_other_norm_can_stand_for_are_refused():
    class OverChannels(nn.LayerNorm):
        def forward(self, inputs):
            return super().forward(inputs.movedim(1, -1)).movedim(-1, 1)

    with pytest.raises(InputError, match=r"OverChannels is a layer norm of its own making, .*keep=\(OverChannels,\)"):
        swap_norm(nn.Sequential(OverChannels(8)), one_group)
    with pytest.raises(InputError, match=r"LayerNorm of shape \(6, 8\) scales each place by itself"):
        swap_norm(nn.Sequential(nn.LayerNorm((6, 8))), one_group)


def test_a_norm_over_the_last_dimension_needs_no_turning():
    model = swap_norm(nn.Sequential(nn.LayerNorm(8)), nn.RMSNorm)
    assert isinstance(model[0], nn.RMSNorm)
    assert model(torch.randn(2, 3, 8)).shape == (2, 3, 8)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("old", [
    lambda: nn.GroupNorm(2, 4), lambda: nn.BatchNorm2d(4, affine=False), lambda: nn.InstanceNorm2d(4),
    lambda: nn.BatchNorm2d(4),
], ids=["group", "batch without scale", "instance without tensors", "batch"])  # fmt: skip
@pytest.mark.parametrize("new", [one_group, nn.BatchNorm2d, lambda channels: GhostBatchNormLayer(channels, 2),
                                 lambda channels: CrossIterationBatchNormLayer(channels, 3),
                                 lambda channels: BatchRenormLayer(channels, BatchRenorm())],
                         ids=["group", "batch", "ghost", "cross iteration", "renorm"])  # fmt: skip
def test_the_new_norm_has_the_number_format_of_the_network(old, new, dtype):
    model = swap_norm(nn.Sequential(nn.Conv2d(3, 4, 1), old()).to(dtype), new)
    outputs = model(torch.randn(4, 3, 5, 5, dtype=dtype))
    outputs.sum().backward()
    assert outputs.dtype == dtype
    assert model.eval()(torch.randn(4, 3, 5, 5, dtype=dtype)).dtype == dtype


def test_an_inserted_norm_has_the_number_format_of_its_layer():
    model = MLP(hidden=(5,)).build((3,), 2).double()
    insert_norm(model, lambda layer, channels: nn.BatchNorm1d(channels))
    assert model(torch.randn(4, 3, dtype=torch.float64)).dtype == torch.float64


def test_a_network_without_norms_and_a_lazy_norm_are_refused():
    with pytest.raises(InputError, match="model must have norms to swap, got Sequential without any"):
        swap_norm(MLP().build((3,), 2), one_group)
    with pytest.raises(InputError, match="LazyBatchNorm1d does not know its channels yet; run the network"):
        swap_norm(nn.Sequential(nn.LazyBatchNorm1d()), one_group)


def test_norms_are_inserted_after_all_layers_but_the_last_and_biases_dropped():
    model = MLP(hidden=(5, 4)).build((3,), 2)
    assert insert_norm(model, lambda layer, channels: nn.BatchNorm1d(channels)) == 2
    names = [type(module).__name__ for module in model.modules() if not list(module.children())]
    assert names == ["Flatten", "Linear", "BatchNorm1d", "ReLU", "Linear", "BatchNorm1d", "ReLU", "Linear"]
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    assert [linear.bias is None for linear in linears] == [True, True, False]
    with pytest.raises(InputError, match="must have a hidden layer in a Sequential"):
        insert_norm(nn.Linear(2, 2), lambda layer, channels: nn.BatchNorm1d(channels))


def test_channels_of_ours():
    assert {channels_of(norm) for norm in find_norms(ConvNet((6,)).build((1, 8, 8), 2)).values()} == {6}


@pytest.mark.parametrize(
    ("channels", "limit", "groups"),
    [(64, 32, 32), (16, 32, 8), (22, 32, 11), (6, 4, 3), (7, 32, 1), (1, 32, 1), (4, 1, 1)],
)
def test_groups_divide_the_channels(channels, limit, groups):
    assert group_count(channels, limit) == groups
