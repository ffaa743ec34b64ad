"""Batches of any usual shape, taken apart and put together: tuples, lists, mappings, objects with a hook.

An object says what it holds by `batch_inputs` and `batch_targets`, attributes or methods without arguments; its
tensors must be among its attributes, and it is copied with others in their place.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import torch
from torch import Tensor

from assay.errors import InputError

INPUT_NAMES = (
    "inputs", "x", "input", "input_ids", "inputs_embeds", "input_values", "input_features", "pixel_values", "images",
    "image", "features", "data",
)  # fmt: skip
COMPANION_NAMES = (
    "attention_mask", "token_type_ids", "position_ids", "pixel_mask", "decoder_input_ids", "decoder_attention_mask",
    "mask", "padding_mask", "lengths", "length",
)  # fmt: skip
TARGET_NAMES = ("targets", "y", "target", "labels", "label")


def split_batch(batch: Any, loader: str = "train_loader") -> tuple[Any, Any]:
    """The inputs and the targets of a batch.

    A pair gives its two items, an object what its hooks say. A mapping gives its item of a usual name, together with
    masks and lengths as a mapping; if no input has a usual name, all its tensors but the targets.

    Args:
        loader: whose batch it is, for the error.

    Raises:
        InputError: the batch is none of these.
    """
    if _has_hook(batch):
        return _called(batch.batch_inputs), _called(batch.batch_targets)
    if isinstance(batch, Mapping):
        names, target = _input_names(batch), _first_name(batch, TARGET_NAMES)
        if names and target is not None:
            return batch[names[0]] if len(names) == 1 else {name: batch[name] for name in names}, batch[target]
        raise InputError(
            f"{loader}: a batch that is a mapping must have one of {', '.join(INPUT_NAMES)} or other tensors, and "
            f"one of {', '.join(TARGET_NAMES)}, got {', '.join(map(str, batch))}; rename its keys"
        )
    if isinstance(batch, Sequence) and not isinstance(batch, str) and len(batch) >= 2:
        return batch[0], batch[1]
    alone = isinstance(batch, Tensor) or (isinstance(batch, Sequence) and len(batch) == 1)
    told = "inputs alone" if alone else type(batch).__name__
    remedy = "; an autoencoder's targets are its inputs: (x, x)" if alone else ""
    raise InputError(
        f"{loader}: a batch must be (inputs, targets), a mapping with 'inputs' and 'targets', or an object with "
        f"batch_inputs and batch_targets, got {told}; wrap the loader so that it gives pairs{remedy}"
    )


def _has_hook(batch: Any) -> bool:
    try:
        return hasattr(batch, "batch_inputs") and hasattr(batch, "batch_targets")
    except Exception:  # a dictionary that is read by attributes may raise a KeyError
        return False


def _called(hook: Any) -> Any:
    return hook() if callable(hook) else hook


def _first_name(batch: Mapping[Any, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in batch), None)


def _input_names(batch: Mapping[Any, Any]) -> list[Any]:
    usual = _first_name(batch, INPUT_NAMES)
    if usual is not None:
        return [usual, *(name for name in COMPANION_NAMES if isinstance(batch.get(name), Tensor))]
    return [name for name, value in batch.items() if name not in TARGET_NAMES and isinstance(value, Tensor)]


def replace_inputs(batch: Any, inputs: Any) -> Any:
    """The same batch with other inputs, of the form that `split_batch` gives."""
    if _has_hook(batch):
        old = list(tensors_in(split_batch(batch)[0]))
        new = dict(zip(map(id, old), tensors_in(inputs), strict=True))
        return map_tensors(lambda tensor: new.get(id(tensor), tensor), batch)
    if isinstance(batch, Mapping):
        names = _input_names(batch)
        return _with_items(batch, dict(inputs) if len(names) > 1 else {names[0]: inputs})
    items = [inputs, *batch[1:]]
    return _like(batch, items)


def map_tensors(function: Callable[[Tensor], Any], tree: Any) -> Any:
    """Apply `function` to every tensor of nested mappings, sequences and objects with hooks; other values stay."""
    if isinstance(tree, Tensor):
        return function(tree)
    if _has_hook(tree) and hasattr(tree, "__dict__"):
        copied = copy.copy(tree)
        vars(copied).update({name: map_tensors(function, value) for name, value in vars(tree).items()})
        return copied
    if isinstance(tree, Mapping):
        return _with_items(tree, {name: map_tensors(function, value) for name, value in tree.items()})
    if isinstance(tree, (tuple, list)):
        return _like(tree, [map_tensors(function, value) for value in tree])
    return tree


def _with_items(mapping: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    """A copy with these items; of the mapping's own type, whose methods and attributes a step or a loss may read."""
    if type(mapping) is dict or not isinstance(mapping, MutableMapping):
        return {**mapping, **items}
    copied = copy.copy(mapping)
    copied.update(items)
    return copied


def _like(sequence: Any, items: list[Any]) -> Any:
    if hasattr(sequence, "_fields"):
        return type(sequence)(*items)
    return tuple(items) if isinstance(sequence, tuple) else items


def tensors_in(tree: Any) -> Iterator[Tensor]:
    """Every tensor of nested mappings and sequences, in order."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from tensors_in(value)
    elif isinstance(tree, (tuple, list)):
        for value in tree:
            yield from tensors_in(value)
    elif _has_hook(tree):
        for value in vars(tree).values():
            yield from tensors_in(value)


def count_examples(batch: Any) -> int:
    """Length of the first axis of the inputs."""
    first = next(tensors_in(split_batch(batch)[0]), None)
    if first is None or first.dim() == 0:
        inputs = split_batch(batch)[0]
        raise InputError(
            "train_loader: inputs must be tensors with a batch axis first, got "
            f"{f'{type(inputs).__name__} {inputs!r:.40}' if first is None else 'a tensor without axes'}; "
            "collate them into tensors"
        )
    return len(first)


def take_examples(batch: Any, rows: Sequence[int]) -> Any:
    """The batch made of these rows only."""
    size, index = count_examples(batch), torch.as_tensor(list(rows), dtype=torch.long)

    def take(tensor: Tensor) -> Tensor:
        has_batch_axis = tensor.dim() > 0 and len(tensor) == size
        return tensor.index_select(0, index.to(tensor.device)) if has_batch_axis else tensor

    return map_tensors(take, batch)


def join_batches(batches: Sequence[Any]) -> Any:
    """One batch of all examples; only the first batch where shapes differ (padding to each batch's longest)."""
    flat = [list(tensors_in(batch)) for batch in batches]
    shapes = {tuple(tensor.shape[1:] for tensor in tensors) for tensors in flat}
    if len(batches) == 1 or len(shapes) > 1 or any(tensor.dim() == 0 for tensor in flat[0]):
        return batches[0]
    joined = iter([torch.cat(column) for column in zip(*flat, strict=True)])
    return map_tensors(lambda _: next(joined), batches[0])
