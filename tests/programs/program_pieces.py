"""A small classification to make programs of: digits-like points, a network, loaders."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def points(count: int = 160, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Three clusters in five dimensions."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    centres = torch.randn(3, 5, generator=torch.Generator().manual_seed(9)) * 2
    return centres[labels] + torch.randn(count, 5, generator=generator), labels


def loader(seed: int = 0) -> DataLoader[Any]:
    return DataLoader(TensorDataset(*points(seed=seed)), batch_size=40, shuffle=True)


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
