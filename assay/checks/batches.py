"""Batches of any usual shape: tuples, lists or mappings of tensors, taken apart and put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from assay.errors import InputError

INPUT_NAMES = ("inputs", "x", "input", "input_ids", "pixel_values", "images", "image", "features", "data")
TARGET_NAMES = ("targets", "y", "target", "labels", "label")


def split_batch(batch: Any) -> tuple[Any, Any]:
    """The inputs and the targets of a batch: its first two items, or its items by their usual names.

    Raises:
        InputError: the batch is neither a pair nor a mapping with usual names.
    """
    if isinstance(batch, Mapping):
        inputs, targets = _first_name(batch, INPUT_NAMES), _first_name(batch, TARGET_NAMES)
        if inputs is not None and targets is not None:
            return batch[inputs], batch[targets]
        raise InputError(
            f"train_loader: a batch that is a mapping must have one of {', '.join(INPUT_NAMES)} and one of "
            f"{', '.join(TARGET_NAMES)}, got {', '.join(map(str, batch))}; rename its keys"
        )
    if isinstance(batch, Sequence) and not isinstance(batch, str) and len(batch) >= 2:
        return batch[0], batch[1]
    raise InputError(
        "train_loader: a batch must be (inputs, targets) or a mapping with 'inputs' and 'targets', "
        f"got {type(batch).__name__}; wrap the loader so that it gives pairs"
    )


def _first_name(batch: Mapping[Any, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in batch), None)


def replace_inputs(batch: Any, inputs: Any) -> Any:
    """The same batch with other inputs."""
    if isinstance(batch, Mapping):
        return {**batch, str(_first_name(batch, INPUT_NAMES)): inputs}
    items = [inputs, *batch[1:]]
    return _like(batch, items)


def map_tensors(function: Callable[[Tensor], Any], tree: Any) -> Any:
    """Apply `function` to every tensor of nested mappings and sequences; other values stay."""
    if isinstance(tree, Tensor):
        return function(tree)
    if isinstance(tree, Mapping):
        return {name: map_tensors(function, value) for name, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return _like(tree, [map_tensors(function, value) for value in tree])
    return tree


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


def count_examples(batch: Any) -> int:
    """Length of the first axis of the inputs."""
    first = next(tensors_in(split_batch(batch)[0]), None)
    if first is None or first.dim() == 0:
        raise InputError("train_loader: inputs must be tensors with a batch axis first; collate them into tensors")
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
