"""Swap a network's norms for others, or give norms to a network that has none.

    swap_norm(torchvision.models.resnet50(), InstanceNorm)       every norm of any network, by channel count
    insert_norm(MLP().build((784,), 10), nn.BatchNorm1d)         after every hidden layer, whose bias is dropped

A new norm takes over the scale and shift of the old one where it has such (a branch that starts at 0 then still does),
its device, number format and mode. Norms over the last dimension, as transformers have, stay so: the new one sees each
position (a token, a pixel) as an example of its own, so that no position learns of another but through a batch norm's
statistics.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import cast

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from assay.errors import InputError
from assay.models.residual_block import NormLayer

NORMS = (_BatchNorm, _InstanceNorm, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)
OVER_LAST_DIMENSIONS = (nn.LayerNorm, nn.RMSNorm)
WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
Replace = Callable[[nn.Module], nn.Module | None]


class ChannelsLast(nn.Module):
    """A norm of channels in dimension 1, for inputs whose channels are their last dimension: each position alone.

    eps: equal to no other, by which PyTorch's transformers know that their fused layer norm does not fit.
    """

    eps = math.nan

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, inputs: Tensor) -> Tensor:
        rows = inputs.reshape(-1, inputs.shape[-1], *(1,) * (inputs.dim() - 2))
        return self.norm(rows).reshape(inputs.shape)


def find_norms(model: nn.Module) -> dict[str, nn.Module]:
    """Every norm of the network, once, by its name; how many there are is the length."""
    return {name: module for name, module in model.named_modules() if isinstance(module, NORMS)}


def swap_norm(model: nn.Module, make: NormLayer, *, keep: tuple[type[nn.Module], ...] = ()) -> nn.Module:
    """Put `make(channels)` in the place of every norm; how many those are, `find_norms` tells.

    Args:
        keep: classes of norms to leave as they are.
    Returns:
        the same network, changed; a network that is itself a norm comes back as the new one.
    Raises:
        InputError: the network has no norms, one that does not know its channels yet, or one over the last dimension
            for which `make` gives a norm of single channels.
    """
    if not find_norms(model):
        raise InputError(
            f"model must have norms to swap, got {type(model).__name__} without any; "
            "BatchNorm, the trick, gives it some, and so does a model with norms: ConvNet, ResNet"
        )

    usual = _floating(model)

    _refuse_own_layer_norms(model, keep)

    def swapped(module: nn.Module) -> nn.Module | None:
        return like(module, make, usual) if isinstance(module, NORMS) and not isinstance(module, keep) else None

    for module in model.modules():
        if isinstance(module, nn.TransformerEncoder):
            module.use_nested_tensor = False  # nested tensors know no norm but layer norm
    return replace_modules(model, swapped)


def _refuse_own_layer_norms(model: nn.Module, keep: tuple[type[nn.Module], ...]) -> None:
    for module in model.modules():
        is_own = isinstance(module, OVER_LAST_DIMENSIONS) and type(module) not in OVER_LAST_DIMENSIONS
        if is_own and not isinstance(module, keep):
            raise InputError(
                f"{type(module).__name__} is a layer norm of its own making, which may act on other dimensions; "
                f"leave it with keep=({type(module).__name__},)"
            )


def like(old: nn.Module, make: NormLayer, usual: Tensor | None) -> nn.Module:
    """A norm for the place of another: its channels, scale, shift, mode, and its device and number format, or the
    network's usual ones where it holds no tensor.
    """
    new = make(channels_of(old)).train(old.training)
    tensor = _floating(old)
    _settle(new, usual if tensor is None else tensor)
    for name in ("weight", "bias"):
        before, after = getattr(old, name, None), getattr(new, name, None)
        if isinstance(before, nn.Parameter) and isinstance(after, nn.Parameter):
            # The same parameter where it fits: what was shared or frozen stays so.
            setattr(new, name, before if before.shape == after.shape else nn.Parameter(before.detach().flatten()))
    if not isinstance(old, OVER_LAST_DIMENSIONS) or isinstance(new, OVER_LAST_DIMENSIONS):
        return new
    if isinstance(new, _InstanceNorm) or (isinstance(new, nn.GroupNorm) and new.num_groups == new.num_channels):
        raise InputError(
            f"make must give a norm of several channels for {type(old).__name__}, whose positions are normalised one "
            f"by one, got {type(new).__name__} of single channels; use fewer groups, or keep=({type(old).__name__},)"
        )
    return ChannelsLast(new)


def _floating(module: nn.Module) -> Tensor | None:
    """The first tensor of numbers with a fraction that it holds."""
    return next((tensor for tensor in (*module.parameters(), *module.buffers()) if tensor.is_floating_point()), None)


def _settle(module: nn.Module, tensor: Tensor | None) -> nn.Module:
    """On the device and in the number format of the tensor."""
    return module if tensor is None else module.to(tensor.device, tensor.dtype)


def channels_of(norm: nn.Module) -> int:
    """How many channels a norm scales.

    Raises:
        InputError: a lazy norm that has seen no inputs yet, or a layer norm over several dimensions.
    """
    if isinstance(norm, nn.GroupNorm):
        return norm.num_channels
    if isinstance(norm, OVER_LAST_DIMENSIONS):
        if len(norm.normalized_shape) != 1:
            raise InputError(
                f"{type(norm).__name__} of shape {tuple(norm.normalized_shape)} scales each place by itself, which no "
                f"other norm does; leave it with keep=({type(norm).__name__},)"
            )
        return norm.normalized_shape[0]
    channels = cast(int, norm.num_features)
    if channels < 1:
        raise InputError(f"{type(norm).__name__} does not know its channels yet; run the network on a batch first")
    return channels


def insert_norm(model: nn.Module, make: Callable[[nn.Module, int], nn.Module]) -> int:
    """Put a norm after every linear layer and convolution of a `Sequential` but the network's last.

    The layer gives up its bias: the norm's shift takes its place.

    Args:
        make: from the layer and the number of its channels to the norm that follows it.
    Returns:
        how many norms there are now.
    Raises:
        InputError: there is no layer to put a norm after.
    """
    weighted = [module for module in model.modules() if isinstance(module, WEIGHTED)]
    inside = {id(child) for parent in model.modules() if isinstance(parent, nn.Sequential) for child in parent}

    def followed_by_norm(module: nn.Module) -> nn.Module | None:
        if not isinstance(module, WEIGHTED) or module is weighted[-1] or id(module) not in inside:
            return None
        module.register_parameter("bias", None)
        channels, tensor = len(module.weight), module.weight
        norm = _settle(make(module, channels), tensor).train(module.training)
        return nn.Sequential(OrderedDict(layer=module, norm=norm))

    replace_modules(model, followed_by_norm)
    if not find_norms(model):
        raise InputError(
            f"model must have a hidden layer in a Sequential to put a norm after, got {type(model).__name__} without"
        )
    return len(find_norms(model))


def replace_modules(model: nn.Module, replacement: Replace) -> nn.Module:
    """Walk the network from the outside in; what `replacement` answers goes in, and is not walked into."""
    done: dict[int, nn.Module] = {}

    def replaced(module: nn.Module) -> nn.Module:
        # A module in two places stays one module.
        if id(module) not in done:
            new = replacement(module)
            done[id(module)] = module if new is None else new
            if new is None:
                for name, child in list(module._modules.items()):
                    if child is not None:
                        setattr(module, name, replaced(child))
        return done[id(module)]

    return replaced(model)


def group_count(channels: int, limit: int) -> int:
    """The most groups, up to `limit`, that divide the channels into groups of at least two."""
    return next((groups for groups in range(min(limit, channels // 2), 0, -1) if channels % groups == 0), 1)
