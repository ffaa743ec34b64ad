"""What programs under test are made of: patterns like digits, a healthy network, every byte of state."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from assay.checks.given.pipeline import Pipeline
from assay.checks.verify import make_pipeline
from assay.finding import Finding, Skipped


def digits_like(count: int = 240, classes: int = 4, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Noisy 1x8x8 patterns, one for each class."""
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.randn(classes, 1, 8, 8, generator=torch.Generator().manual_seed(7))
    labels = torch.arange(count) % classes
    return patterns[labels] + 0.7 * torch.randn(count, 1, 8, 8, generator=generator), labels


def small_network(outputs: int = 4) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, outputs))


def loader_of(inputs: Tensor, targets: Tensor, shuffle: bool = True) -> DataLoader[Any]:
    generator = torch.Generator().manual_seed(3)
    return DataLoader(TensorDataset(inputs, targets), batch_size=40, shuffle=shuffle, generator=generator)


Program = dict[str, Any]


def state_of(given: Program) -> list[bytes]:
    """Every byte of state that a check could change, in a fixed order.

    Python's own random state is left out: the type checker that watches these tests draws from it.
    """
    model, optimizer = given["model"], given["optimizer"]
    parts: list[Any] = [
        torch.get_rng_state(),
        np.random.get_state()[1],
    ]
    parts += [given["train_loader"].generator.get_state()] if isinstance(given["train_loader"], DataLoader) else []
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        grad = None if tensor.grad is None else tensor.grad
        parts += [name.encode(), tensor.detach(), repr(tensor.requires_grad).encode()]
        parts += [b"no grad" if grad is None else grad]
    for name, module in model.named_modules():
        hooks = [len(value) for key, value in sorted(vars(module).items()) if "hooks" in key and value is not None]
        parts.append(f"{name} {module.training} {hooks}".encode())
    parts += [repr([{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]).encode()]
    for values in optimizer.state.values():
        parts += [value if isinstance(value, Tensor) else repr(value).encode() for value in values.values()]
    return [part if isinstance(part, bytes) else np.asarray(part).tobytes() for part in parts]


def warm_up(given: Program) -> None:
    """One gradient and, for healthy data, some optimiser state, so that there is something to lose."""
    given["optimizer"].zero_grad()
    for group in given["optimizer"].param_groups:
        for parameter in group["params"]:
            if given["optimizer"].defaults.get("momentum"):
                given["optimizer"].state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
            parameter.grad = torch.full_like(parameter, 0.5)


def pipeline_of(given: Program) -> Pipeline:
    return make_pipeline(**given)


def levels(result: list[Finding] | Skipped) -> list[str]:
    """The levels of all findings; a skipped check shows its reason instead."""
    return [f"skipped: {result.reason}"] if isinstance(result, Skipped) else [finding.level for finding in result]
