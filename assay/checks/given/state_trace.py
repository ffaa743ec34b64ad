"""Leave no trace: everything a check could touch is as before when it ends, however it ends.

The objects are walked once (modules, optimisers, schedulers, samplers, closures of the training step)
and each mutable thing found is remembered: tensors by value, containers by their items, random
generators by their state. Restoring works in place, so every reference the user holds stays good.
"""

from __future__ import annotations

import dis
import functools
import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils.data.dataloader import _BaseDataLoaderIter

LONGEST_LOADER_CONTAINER = 1000
LARGEST_CLOSURE_TENSOR_BYTES = 64 * 2**20
_ATOMIC = (
    type(None), bool, int, float, complex, str, bytes, type, types.ModuleType, types.BuiltinFunctionType,
    torch.dtype, torch.device, torch.Size, _BaseDataLoaderIter,
)  # fmt: skip
_FOREIGN = ("torch", "numpy", "builtins", "assay")
Undo = Callable[[], object]


@contextmanager
def state_trace(owned: tuple[Any, ...], called: tuple[Any, ...], read: tuple[Any, ...]) -> Iterator[None]:
    """Put everything back at the end of the block, also after an exception or an interruption.

    Args:
        owned: objects whose tensors are all remembered (model, optimiser, scheduler).
        called: functions of the user; what they close over is remembered, tensors up to 64 MiB each.
        read: loaders; their counters and random generators are remembered, not their data.
    """
    undo: list[Undo] = []
    seen: dict[int, Any] = {}
    for values, largest in ((owned, sys.maxsize), (called, LARGEST_CLOSURE_TENSOR_BYTES), (read, 0)):
        for value in values:
            _remember(value, largest, seen, undo)
    undo += _remember_process_state()
    try:
        yield
    finally:
        for put_back in undo:
            put_back()


def seed_everything(value: int) -> None:
    """Seed torch's, NumPy's and Python's global generators; only inside a `state_trace`."""
    torch.manual_seed(value)
    random.seed(value)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(value % 2**32)


def _remember_process_state() -> Iterator[Undo]:
    yield functools.partial(torch.set_rng_state, torch.get_rng_state())
    yield functools.partial(random.setstate, random.getstate())
    yield functools.partial(torch.set_grad_enabled, torch.is_grad_enabled())
    yield functools.partial(torch.set_default_dtype, torch.get_default_dtype())
    if "numpy" in sys.modules:
        numpy_random = sys.modules["numpy"].random
        yield functools.partial(numpy_random.set_state, numpy_random.get_state())
    if torch.cuda.is_initialized():
        yield functools.partial(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())


def _remember(root: Any, largest: int, seen: dict[int, Any], undo: list[Undo]) -> None:
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _ATOMIC) or id(value) in seen:
            continue
        seen[id(value)] = value  # keeps it alive, so that its id is not used again
        if isinstance(value, Tensor):
            if value.nbytes <= largest and not value.is_meta:
                undo.append(_tensor_undo(value))
                waiting += [value.grad] if value.is_leaf else []
            continue
        generator = _generator_undo(value)
        if generator is not None:
            undo.append(generator)
        elif isinstance(value, (dict, list, set, deque)):
            if largest or len(value) <= LONGEST_LOADER_CONTAINER:
                undo.append(functools.partial(_put_items_back, value, value.copy()))
                waiting += [*value.keys(), *value.values()] if isinstance(value, dict) else list(value)
        else:
            undo += _names_undo(value)
            waiting += _parts(value)


def _parts(value: Any) -> list[Any]:
    """What an object, a tuple or a function leads to."""
    if isinstance(value, (tuple, frozenset)):
        return list(value)
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, types.MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, types.FunctionType):
        if (value.__module__ or "").split(".")[0] in _FOREIGN:
            return []
        names = [name for name in value.__code__.co_names if name in value.__globals__]
        cells = [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
        return [*cells, *(value.__defaults__ or ()), *(value.__globals__[name] for name in names)]
    return [vars(value)] if hasattr(value, "__dict__") else []


def _names_undo(value: Any) -> Iterator[Undo]:
    """What a function may bind anew: its nonlocal names, and its global ones."""
    if not isinstance(value, types.FunctionType) or (value.__module__ or "").split(".")[0] in _FOREIGN:
        return
    for cell in filter(_is_filled, value.__closure__ or ()):
        yield functools.partial(setattr, cell, "cell_contents", cell.cell_contents)
    stored = {instruction.argval for instruction in dis.get_instructions(value) if instruction.opname == "STORE_GLOBAL"}
    for name in stored & value.__globals__.keys():
        yield functools.partial(value.__globals__.__setitem__, name, value.__globals__[name])


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 (an empty cell raises)
    except ValueError:
        return False
    return True


def _tensor_undo(tensor: Tensor) -> Undo:
    grad = tensor.grad if tensor.is_leaf else None
    return functools.partial(_put_tensor_back, tensor, tensor.detach().clone(), grad, tensor.requires_grad)


def _put_tensor_back(tensor: Tensor, saved: Tensor, grad: Tensor | None, requires_grad: bool) -> None:
    if tensor.shape == saved.shape and tensor.dtype == saved.dtype:
        tensor.data.copy_(saved)
    else:
        tensor.data = saved
    if tensor.is_leaf:
        tensor.requires_grad_(requires_grad)
        tensor.grad = grad


def _put_items_back(container: Any, saved: Any) -> None:
    if not _same_items(container, saved):
        container.clear()
        (container.extend if isinstance(container, (list, deque)) else container.update)(saved)


def _same_items(now: Any, before: Any) -> bool:
    if len(now) != len(before):
        return False
    if isinstance(now, dict):
        pairs = zip(now.items(), before.items(), strict=True)
        return all(a is b and left is right for (a, left), (b, right) in pairs)
    if isinstance(now, set):
        return now == before
    return all(left is right for left, right in zip(now, before, strict=True))


def _generator_undo(value: Any) -> Undo | None:
    if isinstance(value, torch.Generator):
        return functools.partial(value.set_state, value.get_state())
    if isinstance(value, random.Random):
        return functools.partial(value.setstate, value.getstate())
    if "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        if isinstance(value, numpy.random.Generator):
            bits, state = value.bit_generator, value.bit_generator.state
            return functools.partial(setattr, bits, "state", state)
        if isinstance(value, numpy.random.RandomState):
            return functools.partial(value.set_state, value.get_state())
    return None
