"""Networks that read padded sequences of tokens."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.network import Network

PADDING = 0


def mask_of(tokens: Tensor, second: Tensor | None) -> Tensor:
    """True at real tokens: from a mask, from lengths, or from the tokens themselves."""
    if second is None:
        return tokens != PADDING
    if second.dim() == 1:
        return torch.arange(tokens.shape[1], device=tokens.device)[None] < second[:, None]
    return second > 0


class RecurrentReader(nn.Module):
    """Embedding, GRU or LSTM, and the mean or the last of its answers at real tokens."""

    def __init__(self, vocabulary: int, width: int, cell: type, pooling: str, both_ways: bool, drop: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        self.recurrent: Any = cell(width, width, batch_first=True, bidirectional=both_ways)
        self.dropout, self.pooling = nn.Dropout(drop), pooling
        self.pool: Callable[[Tensor, Tensor], Tensor] = masked_mean if pooling == "mean" else last_real

    def forward(self, tokens: Tensor, second: Tensor | None = None) -> Tensor:
        mask = mask_of(tokens, second)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(tokens), mask.sum(1).clamp_min(1).cpu(), batch_first=True, enforce_sorted=False
        )
        answers, _ = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=tokens.shape[1]
        )
        return self.dropout(self.pool(answers, mask))


def masked_mean(answers: Tensor, mask: Tensor) -> Tensor:
    """Mean over real tokens."""
    share = mask.float() / mask.sum(1, keepdim=True).clamp_min(1)
    return (answers * share[..., None]).sum(1)


def last_real(answers: Tensor, mask: Tensor) -> Tensor:
    """The answer at the last real token."""
    place = (mask.sum(1) - 1).clamp_min(0)
    return answers[torch.arange(len(answers)), place]


class AttentiveReader(nn.Module):
    """Embedding, positions, transformer blocks that look away from padding, and the mean at real tokens."""

    def __init__(self, vocabulary: int, width: int, length: int, depth: int, drop: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        self.positions = nn.Parameter(0.1 * torch.randn(length, width))
        block = nn.TransformerEncoderLayer(width, 4, 2 * width, drop, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, depth, enable_nested_tensor=False)
        self.pool: Callable[[Tensor, Tensor], Tensor] = masked_mean

    def forward(self, tokens: Tensor, second: Tensor | None = None) -> Tensor:
        mask = mask_of(tokens, second)
        states = self.embedding(tokens) + self.positions[: tokens.shape[1]]
        return self.pool(self.blocks(states, src_key_padding_mask=~mask), mask)


def draw_network(
    vocabulary: int, length: int, outputs: int, names: tuple[str, ...], chance: random.Random
) -> tuple[Callable[[], Network], set[str]]:
    """A maker of networks, and what is in them."""
    kind, width = chance.choice(["gru", "lstm", "transformer"]), chance.choice([32, 48])
    drop = chance.choice([0.0, 0.0, 0.1])
    traits = {kind, *({"dropout"} if drop else set())}
    if kind == "transformer":
        depth = chance.choice([1, 2])
        return lambda: Network(
            AttentiveReader(vocabulary, width, length, depth, drop), nn.Linear(width, outputs), names
        ), {*traits, "layer_norm", "mean_pooling"}
    cell, pooling, both = nn.GRU if kind == "gru" else nn.LSTM, chance.choice(["mean", "last"]), chance.random() < 0.3
    pooling = "mean" if both else pooling
    traits |= {"recurrent", f"{pooling}_pooling", *({"both_ways"} if both else set())}
    return lambda: Network(
        RecurrentReader(vocabulary, width, cell, pooling, both, drop), nn.Linear(width * (1 + both), outputs), names
    ), traits
