"""Replicas equal: every process of a distributed training starts from the same weights, and sees its own data.

    digest(weights of rank r) = digest(weights of rank 0)    for every r

Processes that start from other weights average gradients of other networks. Processes that all read the same batches
do one process's work. The digests go through the process group's key-value store with a limit of time, not through a
collective call, so that a check made by one process alone cannot hang.

Source: Li et al. 2020, PyTorch Distributed (arXiv:2006.15704), section 3.2; PyTorch documentation, DistributedSampler.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor, nn

from assay.checks.given.batches import tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "Li et al. 2020 (arXiv:2006.15704), section 3.2"
LIMIT = timedelta(seconds=10)
_calls = itertools.count()  # each check of a process has keys of its own; processes that check alike count alike
Digests = dict[str, Any]


def check(pipeline: Pipeline) -> CheckResult:
    """Compare digests of the weights and of the sampled batches over all processes."""
    if not distributed.is_available() or not distributed.is_initialized():
        raise CannotCheckError(f"no process group: {_alone(pipeline.model)}")
    size = distributed.get_world_size()
    if size < 2:
        raise CannotCheckError("the process group has a single process")
    everyone = exchange(digests_of(pipeline), next(_calls), size)
    weights = [rank["weights"] for rank in everyone]
    different = [name for name in weights[0] if any(rank.get(name) != weights[0][name] for rank in weights)]
    missing = [number for number, rank in enumerate(weights) if rank.keys() != weights[0].keys()]
    if different or missing:
        return [_different(weights, different, missing)]
    if all(rank["batches"] == everyone[0]["batches"] for rank in everyone):
        return [_same_data(size, everyone[0])]
    return [_note(size, len(weights[0]), everyone)]


def _alone(model: nn.Module) -> str:
    copies = any(isinstance(module, nn.DataParallel) for module in model.modules())
    return "DataParallel copies the weights anew at each forward" if copies else "one process trains"


def digests_of(pipeline: Pipeline) -> Digests:
    """A digest of each parameter, of each buffer, and of the batches that this process read."""
    examples = hashlib.sha256()
    for batch in pipeline.batches:
        for tensor in tensors_in(batch):
            examples.update(digest(tensor).encode())
    return {
        "weights": {name: digest(parameter) for name, parameter in pipeline.model.named_parameters()},
        "buffers": {name: digest(buffer) for name, buffer in pipeline.model.named_buffers()},
        "batches": examples.hexdigest(),
    }


def digest(tensor: Tensor) -> str:
    """A hash of shape, dtype and every byte."""
    plain = tensor.detach().cpu().contiguous()
    values = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
    return hashlib.sha256(f"{tuple(plain.shape)} {plain.dtype} ".encode() + values).hexdigest()


def exchange(own: Digests, call: int, size: int) -> list[Digests]:
    """What each rank has to say, in their order.

    Raises:
        CannotCheckError: not every rank made the check within 10 s.
    """
    store = distributed.distributed_c10d._get_default_store()
    keys = [f"assay/replicas_equal/{call}/{rank}" for rank in range(size)]
    store.set(keys[distributed.get_rank()], json.dumps(own))
    try:
        store.wait(keys, LIMIT)
    except RuntimeError:  # torch's DistStoreError and older plain ones
        seconds = LIMIT.total_seconds()
        raise CannotCheckError(
            f"not all {size} processes made this check within {seconds:g} s; call verify in each of them"
        ) from None
    return [json.loads(store.get(key)) for key in keys]


def _different(weights: list[Any], different: list[str], missing: list[int]) -> Finding:
    ranks = [number for number, rank in enumerate(weights) if rank != weights[0]]
    names = ", ".join(different[:5]) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
    text = f"{len(different)} of {len(weights[0])} parameters differ between rank 0 and ranks {ranks}: {names}."
    return Finding(
        "replicas_equal",
        "proved",
        text if different else f"Ranks {missing} train another network than rank 0: its parameters have other names.",
        {"different": different, "ranks": ranks, "processes": len(weights)},
        cause="Each process drew its own first weights, or loaded another checkpoint; nothing sent those of rank 0.",
        fix="Wrap the model in DistributedDataParallel, which broadcasts rank 0, or seed all processes alike.",
        source=SOURCE,
    )


def _same_data(size: int, first: Digests) -> Finding:
    return Finding(
        "replicas_equal",
        "suspect",
        f"The {size} processes start from equal weights and all read the very same batches, so they do one's work.",
        {"processes": size, "parameters": len(first["weights"])},
        cause="The loader of each process reads the whole data in the same order.",
        fix="Give the loader a torch.utils.data.DistributedSampler, and call its set_epoch each epoch.",
        source="PyTorch documentation, torch.utils.data.distributed.DistributedSampler",
    )


def _note(size: int, parameters: int, everyone: list[Digests]) -> Finding:
    buffers = everyone[0]["buffers"]
    own = [name for name in buffers if any(rank["buffers"].get(name) != buffers[name] for rank in everyone)]
    text = f"All {parameters} parameters are equal in {size} processes, which read different batches"
    text += f"; {len(own)} buffers differ, as running statistics of different batches do" if own else ""
    evidence = {"processes": size, "parameters": parameters, "different_buffers": own}
    return Finding("replicas_equal", "note", f"{text}.", evidence, source=SOURCE)
