"""Healthy programs that predict the next character of a text that comes with Python."""

from __future__ import annotations

import math
import random
from collections import Counter
from functools import lru_cache

import torch
from torch import Tensor, nn

from faults.choices import draw_form, draw_optimizer, draw_schedule, draw_step
from faults.examples import Examples
from faults.form import Form
from faults.parts import Parts
from faults.tasks import language
from faults.worlds.language_networks import draw_network

IGNORED = -100
EXAMPLES = 750


def draw(chance: random.Random) -> Parts:
    """Chapter, length, whole windows or padded lines, network, loss, optimiser and schedule at random."""
    length, padded = chance.choice([20, 28]), chance.random() < 0.4
    text = chapter(chance.randrange(6))
    letters = sorted(set(text))
    codes = {letter: code + 1 for code, letter in enumerate(letters)}
    inputs, targets = (cut_lines if padded else cut_windows)([codes[letter] for letter in text], length, codes)
    cut = int(0.8 * len(inputs))
    make_model, traits = draw_network(len(letters) + 1, length, chance)
    traits |= {"tokens", "causal", "language_model", "cross_entropy", *({"padding"} if padded else set())}
    form = chance.choice([draw_form(chance), Form(("input_ids",), "labels")])
    return Parts(
        domain="language", traits=frozenset(traits), task=language(entropy(targets[cut:])),
        train=Examples((inputs[:cut],), targets[:cut]), validation=Examples((inputs[cut:],), targets[cut:]),
        make_model=make_model, loss_fn=TokenLoss(), make_optimizer=draw_optimizer(chance, adaptive_only=True),
        epochs=8, batch_size=chance.choice([25, 40]), form=form, **draw_schedule(chance), **draw_step(chance),
    )  # fmt: skip


class TokenLoss(nn.Module):
    """Cross-entropy over all positions that have a target."""

    def __init__(self, ignored: int = IGNORED) -> None:
        super().__init__()
        self.ignored = ignored

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=self.ignored)


@lru_cache(maxsize=6)
def chapter(number: int) -> str:
    """A stretch of Python's own reference, in small letters; one space for any white space."""
    from pydoc_data.topics import topics

    whole = " ".join(" ".join(topics[name].lower().split()) for name in sorted(topics))
    kept = set("abcdefghijklmnopqrstuvwxyz .,()'=_")
    stretch = "".join(letter for letter in whole[60_000 * number : 60_000 * (number + 1)] if letter in kept)
    return stretch


def cut_windows(codes: list[int], length: int, _: dict[str, int]) -> tuple[Tensor, Tensor]:
    """Windows one behind the other; the target is the next character."""
    whole = torch.tensor(codes[: EXAMPLES * length + 1])
    rows = min(EXAMPLES, (len(whole) - 1) // length)
    inputs, targets = whole[: rows * length].reshape(rows, length), whole[1 : rows * length + 1].reshape(rows, length)
    order = torch.randperm(rows)
    return inputs[order], targets[order]


def cut_lines(codes: list[int], length: int, names: dict[str, int]) -> tuple[Tensor, Tensor]:
    """Stretches of different lengths, padded with 0; padding has no target."""
    inputs, targets = cut_windows(codes, length, names)
    ends = torch.randint(length // 2, length + 1, (len(inputs), 1))
    real = torch.arange(length)[None] < ends
    return torch.where(real, inputs, 0), torch.where(real, targets, IGNORED)


def entropy(targets: Tensor) -> float:
    """Nats of the character frequencies."""
    counts = Counter(targets[targets != IGNORED].tolist())
    total = sum(counts.values())
    return -sum(count / total * math.log(count / total) for count in counts.values())
