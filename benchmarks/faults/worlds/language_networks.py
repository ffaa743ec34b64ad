"""Networks that predict the next token at each position from those before it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.network import Network


class CausalTransformer(nn.Module):
    """Embedding, positions, blocks under a causal mask, and a last norm."""

    def __init__(self, vocabulary: int, width: int, length: int, depth: int, drop: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(0.1 * torch.randn(length, width))
        block = nn.TransformerEncoderLayer(width, 4, 2 * width, drop, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.causal = True

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=tokens.device).triu(1) if self.causal else None
        return self.norm(self.blocks(self.embedding(tokens) + self.positions[:length], mask=later))


class RecurrentReader(nn.Module):
    """Embedding and a GRU or LSTM, read from left to right."""

    def __init__(self, vocabulary: int, width: int, cell: type, drop: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.recurrent: Any = cell(width, width, batch_first=True)
        self.dropout = nn.Dropout(drop)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.dropout(self.recurrent(self.embedding(tokens))[0])


def draw_network(vocabulary: int, length: int, chance: random.Random) -> tuple[Callable[[], Network], set[str]]:
    """A maker of networks, and what is in them."""
    kind, width = chance.choice(["transformer", "gru", "lstm"]), chance.choice([48, 64])
    drop = chance.choice([0.0, 0.0, 0.1])
    traits = {kind, *({"dropout"} if drop else set())}
    if kind == "transformer":
        depth = chance.choice([1, 2])
        return lambda: Network(
            CausalTransformer(vocabulary, width, length, depth, drop), nn.Linear(width, vocabulary)
        ), {*traits, "layer_norm"}
    cell = nn.GRU if kind == "gru" else nn.LSTM
    return lambda: Network(RecurrentReader(vocabulary, width, cell, drop), nn.Linear(width, vocabulary)), {
        *traits, "recurrent"}  # fmt: skip
