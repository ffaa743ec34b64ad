"""Network inputs: a look at the exact tensors that enter the network, with their labels.

They are caught at the door of a copy during one of the user's own training steps, after every augmentation,
normalisation and mixing: the only place where what the network sees can be seen.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("visualize just before the net").
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import count_examples, split_batch, take_examples, tensors_in
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Images, Table, encode_png
from assay.finding import Finding, Skipped

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
SHOWN, COLUMNS = 16, 12


def check(pipeline: Pipeline) -> CheckResult:
    """Take one training step on a copy and show what came in."""
    caught = caught_inputs(pipeline)
    if caught is None or caught.dim() == 0:
        return Skipped("network_inputs", "no tensor entered the network")
    labels = _labels(split_batch(pipeline.batches[0])[1])
    figure = _images(caught, labels) if caught.dim() == 4 and caught.shape[1] in (1, 3, 4) else _table(caught, labels)
    shown, shape = min(SHOWN, len(caught)), tuple(caught.shape[1:])
    text = f"{shown} of {len(caught)} inputs of shape {shape} as the network gets them."
    evidence = {"shape": list(caught.shape), "dtype": str(caught.dtype).removeprefix("torch.")}
    return [Finding("network_inputs", "note", text, evidence, source=SOURCE, figures=(figure,))]


def caught_inputs(pipeline: Pipeline) -> Tensor | None:
    """The first tensor that one training step hands to the model."""
    caught: list[Tensor] = []

    def catch(module: nn.Module, positional: Any, named: Any) -> None:
        if not caught:
            caught.extend(tensor.detach().clone().cpu() for tensor in tensors_in([list(positional), dict(named)]))

    pipeline.seed_for("network_inputs")
    trial = pipeline.trial()
    trial.model.register_forward_pre_hook(catch, with_kwargs=True)
    batch = pipeline.batches[0]
    trial.step(take_examples(batch, range(min(SHOWN, count_examples(batch)))))
    return caught[0] if caught else None


def _labels(targets: Any) -> list[str]:
    if not isinstance(targets, Tensor) or targets.dim() == 0:
        return []
    if targets.dim() == 1:
        return [f"{value:.4g}" for value in targets.tolist()]
    rows = targets[:SHOWN].flatten(1)
    if targets.is_floating_point() and rows.shape[1] > 1:
        return [f"{int(row.argmax())} ({float(row.max()):.2f})" for row in rows]
    return [" ".join(f"{value:.4g}" for value in row[:COLUMNS].tolist()) for row in rows]


def _images(inputs: Tensor, labels: list[str]) -> Images:
    count = min(SHOWN, len(inputs))
    captions = tuple((labels[:count] + [""] * count)[:count])
    pngs = tuple(encode_png(torch.nan_to_num(image.float())) for image in inputs[:count])
    return Images("What enters the network", pngs, captions)


def _table(inputs: Tensor, labels: list[str]) -> Table:
    count = min(SHOWN, len(inputs))
    padded = (labels[:count] + [""] * count)[:count]
    values = [[f"{value:.4g}" for value in row[:COLUMNS].tolist()] for row in inputs[:count].reshape(count, -1)]
    columns = ("label", *(f"input {index}" for index in range(len(values[0]) if values else 0)))
    rows = tuple((label, *row) for label, row in zip(padded, values, strict=True))
    return Table("What enters the network", columns, rows)
