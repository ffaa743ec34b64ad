"""Loss shapes: each output must be compared with its own target, not with all of them.

Outputs of shape (batch, 1) against targets of shape (batch,) are stretched to (batch, batch), by the loss or inside it.
Such a loss is known by three exact properties, for random outputs r and the targets t:

    L(r, t) = L(r, t permuted)                      it does not matter whose target it is
    L(r, t) = mean over j of L(r, all equal t[j])   it is a mean over all pairs
    L(r, t) - L(r, t') - L(r', t) + L(r', t') != 0  outputs and targets do meet in it

A loss that matches distributions has the first, and not the second.

Source: PyTorch documentation of MSELoss (shapes); Karpathy 2019, A Recipe for Training Neural Networks.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import count_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Matrix
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "PyTorch documentation of MSELoss; Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, FEWEST, PERMUTATIONS = 8, 3, 3
CLOSE, APART = 1e-4, 1e-2  # relative: float32 sums in another order, and what a difference must exceed
DOMAINS: tuple[Callable[[Tensor], Tensor], ...] = (
    lambda drawn: drawn,
    torch.sigmoid,
    lambda drawn: drawn.log_softmax(-1),
)


def check(pipeline: Pipeline) -> CheckResult:
    """Ask whether permuting the targets changes the loss; if not, whether it is a mean over all pairs."""
    batch = _distinct(pipeline)
    outputs, targets = _outputs(pipeline, batch), pipeline.targets(batch)
    shapes = {"outputs": list(outputs.shape), "targets": list(targets.shape)}
    drawn = _made_up(pipeline, outputs, targets)
    compares_all = _compares_all_pairs(pipeline.loss_fn, drawn, targets, pipeline.seed)
    if compares_all and not _own_step_aligns(pipeline, batch, targets):
        return [_alert(pipeline, drawn[0], targets, shapes)]
    return [_passed(outputs, targets, shapes, aligned=compares_all)]


def _distinct(pipeline: Pipeline) -> Any:
    """A few examples whose targets are not all the same."""
    batch = pipeline.examples(EXAMPLES)
    targets = pipeline.targets(batch)
    if not isinstance(targets, Tensor) or targets.dim() == 0 or len(targets) != count_examples(batch):
        raise CannotCheckError("targets are not one tensor with examples first")
    if len(targets) < FEWEST or bool((targets == targets[:1]).all()):
        raise CannotCheckError(f"needs {FEWEST} examples whose targets differ")
    return batch


def _outputs(pipeline: Pipeline, batch: Any) -> Tensor:
    with torch.no_grad():
        outputs = pipeline.forward(pipeline.evaluation_copy(), batch)
    if not isinstance(outputs, Tensor) or not outputs.is_floating_point():
        raise CannotCheckError(f"the model returns {type(outputs).__name__}, not one tensor")
    return outputs


def _value(loss_fn: Callable[..., Any], outputs: Tensor, targets: Tensor) -> float:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of the very thing that is looked for
        return float(loss_fn(outputs, targets))


def _made_up(pipeline: Pipeline, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Two random outputs that the loss takes.

    Raises:
        CannotCheckError: it takes none.
    """
    generator = generator_for(pipeline.seed, "loss_shapes")
    draws = [torch.randn(outputs.shape, generator=generator).to(outputs) for _ in range(2)]
    for domain in DOMAINS:
        first, second = (domain(drawn) for drawn in draws)
        try:
            if all(math.isfinite(_value(pipeline.loss_fn, given, targets)) for given in (first, second)):
                return first, second
        except Exception:  # a loss may refuse what is not in its domain
            continue
    raise CannotCheckError("the loss takes no made-up outputs")


def _compares_all_pairs(loss_fn: Callable[..., Any], drawn: tuple[Tensor, Tensor], targets: Tensor, seed: int) -> bool:
    outputs, others = drawn
    count, generator = len(targets), generator_for(seed, "loss_shapes orders")
    value = _value(loss_fn, outputs, targets)
    scale = abs(value) + 1e-12
    rolled = [_value(loss_fn, outputs, targets.roll(1 + shift, 0)) for shift in range(PERMUTATIONS)]
    order = torch.randperm(count, generator=generator).to(targets.device)
    if any(abs(other - value) > CLOSE * scale for other in (*rolled, _value(loss_fn, outputs, targets[order]))):
        return False
    constant = [targets[row : row + 1].expand(targets.shape).clone() for row in range(count)]
    by_target = [_value(loss_fn, outputs, same) for same in constant]
    if abs(sum(by_target) / count - value) > CLOSE * scale:
        return False
    elsewhere = [_value(loss_fn, others, same) for same in constant]
    gaps = [mine - other for mine, other in zip(by_target, elsewhere, strict=True)]
    return max(gaps) - min(gaps) > APART * scale


def _own_step_aligns(pipeline: Pipeline, batch: Any, targets: Tensor) -> bool:
    """Whether the user's own training step brings outputs and targets to one shape before the loss."""
    if pipeline.training_step is None:
        return False
    trial, twin = pipeline.trial(), pipeline.trial()
    pipeline.seed_for("loss_shapes step")
    reported = trial.step(batch)
    pipeline.seed_for("loss_shapes step")
    with torch.no_grad():
        outputs = pipeline.outputs(twin.model, batch)
    if outputs.numel() != targets.numel() or not isinstance(reported, (Tensor, float)):
        return False
    stretched = _value(pipeline.loss_fn, outputs, targets)
    aligned = _value(pipeline.loss_fn, outputs.reshape(targets.shape), targets)
    return abs(float(reported) - aligned) < abs(float(reported) - stretched)


def _influence(pipeline: Pipeline, outputs: Tensor, targets: Tensor) -> Tensor:
    """How much the gradient at output i (rows) changes when target j (columns) becomes another example's."""

    def gradient(given: Tensor) -> Tensor:
        leaf = outputs.detach().clone().requires_grad_()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.autograd.grad(pipeline.loss_fn(leaf, given), leaf)[0].reshape(len(outputs), -1)

    before, columns = gradient(targets), []
    for row in range(len(targets)):
        edited = targets.clone()
        unlike = [other for other in range(len(targets)) if not torch.equal(targets[other], targets[row])]
        edited[row] = targets[unlike[0]]
        columns.append((gradient(edited) - before).abs().amax(1))
    return torch.stack(columns, 1).cpu()


def _passed(outputs: Tensor, targets: Tensor, shapes: dict[str, Any], *, aligned: bool) -> Finding:
    text = f"Each output of {tuple(outputs.shape)} is compared with its own target of {tuple(targets.shape)}"
    text += ", by the training step's own care." if aligned else "."
    return Finding("loss_shapes", "note", text, shapes, source=SOURCE)


def _alert(pipeline: Pipeline, outputs: Tensor, targets: Tensor, shapes: dict[str, Any]) -> Finding:
    influence = _influence(pipeline, outputs, targets)
    labels = tuple(str(row) for row in range(len(influence)))
    rows = tuple(tuple(row) for row in influence.tolist())
    figure = Matrix("What drives each output", rows, labels, labels, "gradient of output", "target of example")
    return Finding(
        "loss_shapes",
        "proved",
        f"The loss compares each of {len(outputs)} outputs {tuple(outputs.shape)} with all of {len(targets)} targets "
        f"{tuple(targets.shape)}: permuting the targets changes nothing.",
        {**shapes, "outside": float((influence - influence.diag().diag()).max()), "examples": len(outputs)},
        cause="Outputs and targets of different shape are stretched to each other, as (batch, 1) and (batch,) to "
        "(batch, batch); all outputs are pulled to the mean target.",
        fix="Give both one shape before the loss: outputs.squeeze(1) or targets[:, None].",
        source=SOURCE,
        figures=(figure,),
    )
