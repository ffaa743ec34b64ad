"""Look at the finished model: its worst errors, its confusions, its first filters, how it changed its mind.

Source: Goodfellow et al. 2016, section 11.5 (see the model in action, look at the worst mistakes);
Karpathy 2019 (first-layer filters, prediction dynamics on a fixed batch).
"""

from __future__ import annotations

import torch
from torch import nn

from assay.data.specification import Specification
from assay.data.split import Split
from assay.evaluation import Evaluation
from assay.figure import Images, Lines, Matrix, Series, Table, encode_png
from assay.finding import Finding
from assay.training.history import History

SHOWN = 24
LARGEST_CONFUSION = 30


def worst_errors(evaluation: Evaluation, split: Split, specification: Specification) -> Finding:
    """The examples with the largest loss, with pictures or values."""
    order = torch.argsort(evaluation.example_losses, descending=True, stable=True)
    if specification.task == "classification":
        order = order[~evaluation.correct[order]]
    worst = order[:SHOWN]
    captions = tuple(caption(evaluation, specification, int(index)) for index in worst)
    if specification.is_image and len(worst):
        pictures = tuple(encode_png(image) for image in split.gather(worst))
        figure = Images("Worst errors on the test split", pictures, captions)
    else:
        rows = tuple((split.ids[int(index)], text) for index, text in zip(worst, captions, strict=True))
        figure = Table("Worst errors on the test split", ("example", "answer"), rows)
    summary, fix = f"The {len(worst)} largest errors of {evaluation.n} test examples.", "Look for wrong targets first."
    if specification.task == "classification":
        told = f"{len(order)} of {evaluation.n} test examples {'is' if len(order) == 1 else 'are'} answered wrongly"
        summary, fix = f"{told}; the most confident mistakes come first.", "Look for wrong labels among them first."
        if not len(order):
            summary, fix = f"All {evaluation.n} test examples are answered rightly.", ""
    ids = [split.ids[int(index)] for index in worst]
    return Finding("worst_errors", "note", summary, {"ids": ids}, fix=fix,
                   source="Goodfellow et al. 2016, section 11.5.", figures=(figure,) if len(worst) else ())  # fmt: skip


def caption(evaluation: Evaluation, specification: Specification, index: int) -> str:
    """`said 4 (93 %), labelled 9`, or predicted and true value."""
    if specification.task == "regression":
        return f"said {float(evaluation.outputs[index, 0]):.4g}, is {float(evaluation.targets[index]):.4g}"
    share, answer = evaluation.outputs[index].max(0)
    label = specification.classes[int(evaluation.targets[index])]
    return f"said {specification.classes[int(answer)]} ({float(share):.0%}), labelled {label}"


def confusion(evaluation: Evaluation, specification: Specification) -> Finding:
    """Which classes are taken for which; with many classes, only the worst pairs."""
    k = len(specification.classes)
    counts = torch.bincount(evaluation.targets * k + evaluation.outputs.argmax(1), minlength=k * k).view(k, k)
    mistakes = counts.clone().fill_diagonal_(0)
    flat = torch.argsort(mistakes.flatten(), descending=True, stable=True)[:5].tolist()
    pairs = [
        f"{specification.classes[place // k]} as {specification.classes[place % k]}: {int(mistakes.flatten()[place])}"
        for place in flat
        if mistakes.flatten()[place] > 0
    ]
    summary = f"Most frequent confusions: {'; '.join(pairs)}." if pairs else "No class is taken for another."
    figures = ()
    if k <= LARGEST_CONFUSION:
        rows = tuple(tuple(float(value) for value in row) for row in counts)
        figures = (Matrix("Confusion matrix on the test split", rows, specification.classes, specification.classes,
                          "labelled", "answered"),)  # fmt: skip
    return Finding("confusions", "note", summary, {"pairs": pairs}, figures=figures)


def first_filters(model: nn.Module) -> Finding | None:
    """The first convolution's filters as pictures; None for a network without one."""
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None:
        return None
    filters = first.weight.detach()
    pictures = tuple(encode_png(weights if weights.shape[0] in (1, 3) else weights[:1]) for weights in filters[:32])
    spread = filters.flatten(1).std(1)
    dead = int((spread < 0.01 * spread.median()).sum())
    summary = f"{len(filters)} first-layer filters of {tuple(filters.shape[2:])}; {dead} of them carry almost nothing."
    figure = Images("First-layer filters", pictures, ())
    return Finding("first_layer_filters", "note", summary, {"filters": len(filters), "flat": dead},
                   source="Karpathy 2019: filters should show edges, not noise.", figures=(figure,))  # fmt: skip


def prediction_dynamics(history: History, targets: torch.Tensor, specification: Specification) -> Finding | None:
    """How the answers on fixed validation examples moved during training."""
    if len(history.dynamics) < 2:
        return None
    answers = torch.tensor(history.dynamics)
    labels = targets[: answers.shape[1]]
    if specification.task == "classification":
        tracks = answers[:, torch.arange(len(labels)), labels]
        names = [f"{number}: {specification.classes[int(label)]}" for number, label in enumerate(labels)]
        y_label = "probability of the label"
    else:
        tracks, names, y_label = answers[:, :, 0] - labels, [str(n) for n in range(len(labels))], "error"
    jitter = float(tracks.diff(dim=0).abs().mean())
    looks = tuple(map(float, history.looks))
    curves = zip(names, tracks.T.tolist(), strict=True)
    series = tuple(Series(name, looks, tuple(curve)) for name, curve in curves)
    figure = Lines("Answers on the first validation examples", "step", y_label, series)
    summary = f"Between looks an answer moved by {jitter:.3f} on average over {len(looks)} looks."
    return Finding("prediction_dynamics", "note", summary, {"mean_move": round(jitter, 4), "looks": len(looks)},
                   source="Karpathy 2019: prediction dynamics on a fixed batch.", figures=(figure,))  # fmt: skip
