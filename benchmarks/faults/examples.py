"""Examples in memory, and the data set that reads them one by one as most programs do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from faults.form import Form

Augment = Callable[[tuple[Tensor, ...]], tuple[Tensor, ...]]
"""Another view of one example's inputs; draws from PyTorch's global random numbers."""

Prepare = Callable[[tuple[Tensor, ...]], tuple[Tensor, ...]]
"""One example's inputs, scaled as the network wants them."""


@dataclass(frozen=True)
class Examples:
    """inputs: one tensor or several, the first axis counting examples; targets: along the same axis."""

    inputs: tuple[Tensor, ...]
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def select(self, rows: Any) -> Examples:
        """The examples in these rows."""
        rows = torch.as_tensor(rows)
        return Examples(tuple(values[rows] for values in self.inputs), self.targets[rows])


def unchanged(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The inputs as they are."""
    return inputs


class ExampleSet(Dataset[Any]):
    """Reads an example, augments it, prepares it, packs it."""

    def __init__(self, examples: Examples, form: Form, augment: Augment, prepare: Prepare) -> None:
        self.examples, self.form, self.augment, self.prepare = examples, form, augment, prepare

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Any:
        inputs = tuple(values[index] for values in self.examples.inputs)
        return self.form.pack(self.prepare(self.augment(inputs)), self.examples.targets[index])
