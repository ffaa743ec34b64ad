"""Fingerprints of every byte of a program's state, and of the process it lives in: checking must change none."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from faults.program import Program

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def fingerprint(program: Program) -> dict[str, str]:
    """A digest of each piece of state, by name."""
    arguments = program.arguments
    pieces = dict(model_state(arguments["model"]))
    pieces |= {f"optimizer.{name}": value for name, value in optimizer_state(arguments["optimizer"]).items()}
    if arguments.get("scheduler") is not None:
        pieces["scheduler"] = _plain(vars(arguments["scheduler"]))
    if isinstance(arguments["loss_fn"], nn.Module):
        pieces |= {f"loss.{name}": value for name, value in model_state(arguments["loss_fn"])}
    for name in ("train_loader", "val_loader"):
        pieces |= {f"{name}.{piece}": value for piece, value in loader_state(arguments.get(name))}
    return {name: digest(value) for name, value in {**pieces, **process_state()}.items()}


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Names of the pieces that are not what they were."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def digest(value: Any) -> str:
    """Of plain values and of all bytes of tensors in them."""
    return hashlib.sha256(pickle.dumps(_plain(value))).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Tensors as bytes with dtype and shape, mappings in order, and of other objects only the kind."""
    if isinstance(value, Tensor):
        data = value.detach().cpu().contiguous()
        return "tensor", str(data.dtype), tuple(data.shape), data.flatten().view(torch.uint8).numpy().tobytes() \
            if data.numel() else b""  # fmt: skip
    if isinstance(value, np.ndarray):
        return "array", str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, dict):
        return [(str(key) if isinstance(key, str) else repr(type(key)), _plain(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    return type(value).__name__


def model_state(model: nn.Module) -> Iterator[tuple[str, Any]]:
    """Weights, buffers, gradients, what is frozen, modes, hooks, and other attributes."""
    for name, parameter in model.named_parameters():
        yield f"parameter.{name}", [parameter.detach(), parameter.requires_grad, id(parameter)]
        yield f"gradient.{name}", parameter.grad
    for name, buffer in model.named_buffers():
        yield f"buffer.{name}", buffer
    for name, module in model.named_modules():
        yield f"module.{name}", [module.training, type(module).__name__, [len(getattr(module, kind)) for kind in HOOKS]]
        yield f"attributes.{name}", {key: item for key, item in vars(module).items() if not key.startswith("_")}


def optimizer_state(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Its state and groups, and which tensors they hold."""
    held = [[id(parameter) for parameter in group["params"]] for group in optimizer.param_groups]
    return {**optimizer.state_dict(), "held": held}


def loader_state(loader: Any) -> Iterator[tuple[str, Any]]:
    """Generators, samplers, and every tensor or array that the data set holds."""
    if isinstance(loader, DataLoader):
        generator = loader.generator
        yield "generator", None if generator is None else generator.get_state()
        yield "settings", [loader.batch_size, loader.num_workers, loader.drop_last, type(loader.sampler).__name__]
        own = getattr(loader.sampler, "generator", None)
        yield "sampler", None if own is None else own.get_state()
        yield "dataset", _held(loader.dataset)
    elif loader is not None:
        yield "loader", loader if isinstance(loader, list) else _held(loader)


def _held(thing: Any, depth: int = 3) -> list[Any]:
    """Tensors, arrays and plain values found in an object's attributes."""
    if isinstance(thing, (Tensor, np.ndarray, bool, int, float, str)) or depth == 0:
        return [_plain(thing)]
    if isinstance(thing, torch.Generator):
        return [_plain(thing.get_state())]
    if isinstance(thing, (list, tuple)):
        return [_held(item, depth - 1) for item in thing]
    return [(name, _held(item, depth - 1)) for name, item in sorted(getattr(thing, "__dict__", {}).items())]


def process_state() -> dict[str, Any]:
    """Random numbers, PyTorch's switches, warnings, and the files of the working folder."""
    return {
        "process.random_torch": torch.get_rng_state(), "process.random_python": repr(random.getstate()),
        "process.random_numpy": repr(np.random.get_state()[1:]), "process.grad": torch.is_grad_enabled(),
        "process.dtype": str(torch.get_default_dtype()), "process.threads": torch.get_num_threads(),
        "process.deterministic": torch.are_deterministic_algorithms_enabled(),
        "process.anomaly": torch.is_anomaly_enabled(), "process.autocast": torch.is_autocast_enabled("cpu"),
        "process.warnings": len(warnings.filters), "process.files": sorted(os.listdir()),
    }  # fmt: skip
