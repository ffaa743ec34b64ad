"""Weight decay groups: each parameter in one group, and the decay on the weights, not on biases and norms alone.

A parameter listed twice is decayed and stepped twice at each update. Tied weights are one parameter and listed once.
Decay on biases and norm scales is told, not alerted: it costs little. Decay on nothing but them, while every weight
matrix goes without, is what two swapped groups look like.

Source: PyTorch documentation, torch.optim, per-parameter options; He et al. 2018, section 3.1 (arXiv:1812.01187).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import nn

from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "PyTorch documentation, torch.optim; He et al. 2018, section 3.1"


def check(pipeline: Pipeline) -> CheckResult:
    """Count how often the optimiser holds each parameter, and at which decay."""
    names = {id(parameter): name for name, parameter in pipeline.model.named_parameters()}
    listed = [(parameter, group) for group in pipeline.optimizer.param_groups for parameter in group["params"]]
    counts = Counter(id(parameter) for parameter, _ in listed)
    twice = [names.get(key, "a parameter of no module") for key, count in counts.items() if count > 1]
    if twice:
        return [_twice(twice, max(counts.values()))]
    decays = {id(parameter): float(group.get("weight_decay", 0.0) or 0.0) for parameter, group in listed}
    trained = {name: p for name, p in pipeline.model.named_parameters() if p.requires_grad and id(p) in decays}
    matrices = {name: decays[id(p)] for name, p in trained.items() if p.dim() > 1}
    vectors = {name: decays[id(p)] for name, p in trained.items() if p.dim() <= 1}
    if any(vectors.values()) and matrices and not any(matrices.values()):
        return [_swapped(matrices, vectors)]
    return [_note(trained, matrices, vectors)]


def _twice(names: list[str], times: int) -> Finding:
    return Finding(
        "weight_decay_groups",
        "proved",
        f"The optimiser holds {len(names)} parameters more than once (up to {times} times): {_some(names)}. "
        "Each update steps and decays them as often.",
        {"parameters": names, "times": times},
        cause="Groups that overlap: a layer chosen by name is also among the rest, or parameters() was added again.",
        fix="Make the groups disjoint: choose by id, and give the rest to the other group.",
        source=SOURCE,
    )


def _swapped(matrices: dict[str, float], vectors: dict[str, float]) -> Finding:
    decayed = [name for name, decay in vectors.items() if decay]
    return Finding(
        "weight_decay_groups",
        "suspect",
        f"Weight decay acts on {len(decayed)} biases and norm scales ({_some(decayed)}) and on none of the "
        f"{len(matrices)} weight matrices.",
        {"decayed": decayed, "undecayed": list(matrices)},
        cause="The two groups are swapped: the list of what is not to be decayed got the decay.",
        fix="Give weight_decay to the group of the matrices and 0 to that of biases and norms.",
        source=SOURCE,
    )


def _note(trained: dict[str, nn.Parameter], matrices: dict[str, float], vectors: dict[str, float]) -> Finding:
    decayed = [name for name, decay in vectors.items() if decay]
    weights = sum(1 for decay in matrices.values() if decay)
    evidence: dict[str, Any] = {"weights_decayed": weights, "weights": len(matrices)}
    evidence |= {"biases_and_norms_decayed": len(decayed), "biases_and_norms": len(vectors)}
    evidence |= {"decays": sorted({*matrices.values(), *vectors.values()})}
    if not weights and not decayed:
        text = f"No weight decay on any of the {len(trained)} trained parameters; each is in one group."
        return Finding("weight_decay_groups", "note", text, evidence, source=SOURCE)
    text = f"Each parameter is in one group; weight decay acts on {weights} of {len(matrices)} weights and "
    text += f"{len(decayed)} of {len(vectors)} biases and norm scales."
    fix = "Leave biases and norm scales without decay, as published recipes do." if decayed else ""
    return Finding("weight_decay_groups", "note", text, evidence, fix=fix, source=SOURCE)


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
