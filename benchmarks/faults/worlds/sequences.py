"""Healthy programs that classify sequences of tokens of different lengths."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor, nn

from faults.choices import clipped_step, draw_optimizer, draw_schedule, draw_step, late_step, plain_step
from faults.examples import Examples
from faults.form import Form
from faults.parts import ComputeLoss, Parts, TrainingStep
from faults.tasks import Task, classification, ranking
from faults.worlds.sequence_networks import PADDING, draw_network

EXAMPLES = 900
FORMS = (Form(), Form(), Form(("tokens",), "label"), Form(("input_ids", "attention_mask"), "labels"))


def draw(chance: random.Random) -> Parts:
    """Language, number of classes, network, form, optimiser and schedule at random."""
    vocabulary, length = chance.choice([16, 24, 40]), chance.choice([12, 16, 20])
    classes = chance.choice([2, 3, 4])
    tokens, labels = chance.choice([draw_topics, draw_pairs])(vocabulary, length, classes)
    form, with_lengths = chance.choice(FORMS), chance.random() < 0.25
    with_lengths = with_lengths and not form.inputs
    second = (tokens != PADDING).long()
    inputs = (tokens, second.sum(1)) if with_lengths else (tokens, second) if len(form.inputs) == 2 else (tokens,)
    two = classes == 2 and chance.random() < 0.6
    make_model, traits = draw_network(vocabulary, length, 1 if two else classes, form.inputs, chance)
    cut = int(0.75 * EXAMPLES)
    loss_fn: nn.Module = BinaryLoss() if two else nn.CrossEntropyLoss()
    task: Task = ranking() if two else classification(labels[cut:], classes)
    targets = labels.float() if two else labels
    traits |= {"binary", "binary_cross_entropy"} if two else {"classification", "cross_entropy"}
    traits |= {"padding", "tokens", *({"masks"} if len(inputs) == 2 else set())}
    step = draw_step(chance) or ({} if len(inputs) == 1 else {"make_step": draw_own_step(chance)})
    return Parts(
        domain="sequences", traits=frozenset(traits), task=task,
        train=Examples(tuple(values[:cut] for values in inputs), targets[:cut]),
        validation=Examples(tuple(values[cut:] for values in inputs), targets[cut:]),
        make_model=make_model, loss_fn=loss_fn, make_optimizer=draw_optimizer(chance, adaptive_only=True),
        epochs=8, batch_size=chance.choice([25, 32]), form=form, **draw_schedule(chance), **step,
    )  # fmt: skip


def draw_own_step(chance: random.Random) -> Callable[[ComputeLoss], TrainingStep]:
    """A step that hands several inputs over as the network takes them."""
    return chance.choice([plain_step, late_step, clipped_step])


class BinaryLoss(nn.Module):
    """Binary cross-entropy of one logit an example, (batch, 1), against labels (batch,)."""

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(logits.squeeze(-1), labels)


def draw_lengths(length: int) -> Tensor:
    """From half the longest to the longest, one for each example."""
    return torch.randint(length // 2, length + 1, (EXAMPLES,))


def draw_topics(vocabulary: int, length: int, classes: int) -> tuple[Tensor, Tensor]:
    """Each class has words of its own, a third of its text."""
    labels = torch.randint(0, classes, (EXAMPLES,))
    own = torch.randperm(vocabulary - 1)[: 2 * classes].reshape(classes, 2) + 1
    tokens = torch.randint(1, vocabulary, (EXAMPLES, length))
    chosen = own[labels][torch.arange(EXAMPLES)[:, None], torch.randint(0, 2, (EXAMPLES, length))]
    tokens = torch.where(torch.rand(EXAMPLES, length) < 0.3, chosen, tokens)
    return pad(tokens, draw_lengths(length)), labels


def draw_pairs(vocabulary: int, length: int, classes: int) -> tuple[Tensor, Tensor]:
    """The class is a pair of words, one after the other, that stands once somewhere in the text."""
    labels = torch.randint(0, classes, (EXAMPLES,))
    words = torch.randperm(vocabulary - 1)[: 2 * classes].reshape(classes, 2) + 1
    others = torch.tensor(sorted(set(range(1, vocabulary)) - set(words.flatten().tolist())))
    tokens = others[torch.randint(0, len(others), (EXAMPLES, length))]
    lengths = draw_lengths(length)
    place, rows = (torch.rand(EXAMPLES) * (lengths - 1)).long(), torch.arange(EXAMPLES)
    tokens[rows, place], tokens[rows, place + 1] = words[labels, 0], words[labels, 1]
    return pad(tokens, lengths), labels


def pad(tokens: Tensor, lengths: Tensor) -> Tensor:
    """Padding after the end of each sequence."""
    return torch.where(torch.arange(tokens.shape[1])[None] < lengths[:, None], tokens, PADDING)
