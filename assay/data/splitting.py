"""Train, validation and test: seeded, stratified by class, never through a group."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from assay.data.examples import PARTS, Examples
from assay.errors import InputError
from assay.randomness import generator_for

LEAST_JUDGED = 2
"""Examples without which a split says nothing: one alone has no spread, so neither r2 nor an interval."""


def split_examples(
    examples: Examples, *, seed: int = 0, validation_share: float = 0.2, test_share: float = 0.2
) -> dict[str, Tensor]:
    """Indices of each split, in the source's order.

    What the source divided itself stays divided; only the missing splits are carved out of `train`.

    Args:
        validation_share: of what is left for training after the test split; usual 0.2 (rule H5).
        test_share: of all examples.
    Raises:
        InputError: too few examples or groups to fill every split.
    """
    given = examples.parts or ("train",) * len(examples)
    parts = {name: torch.tensor([i for i, part in enumerate(given) if part == name]).long() for name in PARTS}
    for name, share in (("test", test_share), ("validation", validation_share)):
        if len(parts[name]) == 0:
            strata = strata_of(examples)[parts["train"]]
            groups = None if examples.groups is None else [examples.groups[i] for i in parts["train"].tolist()]
            chosen = choose_share(strata, share, generator_for(seed, "split", name), groups)
            parts[name], parts["train"] = parts["train"][chosen], parts["train"][~chosen]
    _check_filled(examples, parts, least_examples(validation_share, test_share))
    return parts


def least_examples(validation_share: float = 0.2, test_share: float = 0.2) -> int:
    """The fewest ungrouped examples of which validation and test get two each; 10 for the usual shares."""
    for total in range(2 * LEAST_JUDGED, 10_000):
        test = round(total * test_share)
        if min(test, round((total - test) * validation_share)) >= LEAST_JUDGED:
            return total
    return 10_000


def choose_share(
    strata: Int[Tensor, " n"], share: float, generator: torch.Generator, groups: Sequence[str] | None = None
) -> Tensor:
    """A mask of about `share` of the examples, in the same share of every stratum."""
    if groups is not None:
        return _choose_groups(strata, share, generator, groups)
    counts = torch.bincount(strata)
    quotas = _largest_remainder(counts, share, generator)
    mask = torch.zeros(len(strata), dtype=torch.bool)
    order = torch.randperm(len(strata), generator=generator)
    for stratum in range(len(counts)):
        members = order[strata[order] == stratum]
        mask[members[: int(quotas[stratum])]] = True
    return mask


def limit_examples(
    strata: Int[Tensor, " n"], training: Int[Tensor, " train"], limit: int, seed: int
) -> Int[Tensor, " kept"]:
    """At most `limit` of the training indices, in order and stratified."""
    if limit >= len(training):
        return training
    share = 1 - limit / len(training)
    # The mask names what is left out: every class keeps at least one example, as in any split.
    return training[~choose_share(strata[training], share, generator_for(seed, "limit"))]


def groups_from_pattern(ids: Sequence[str], pattern: str) -> tuple[str, ...]:
    """The pattern's capture group in each id.

    Raises:
        InputError: not a regular expression with one capture group, or some ids do not match it.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InputError(f"--group {pattern!r} is not a regular expression ({error})") from error
    if expression.groups != 1:
        raise InputError(
            f"--group {pattern!r} must have exactly one capture group, got {expression.groups}; "
            r"for instance '(patient\d+)' names the part of a file's path that is its group"
        )
    matches = [expression.search(identifier) for identifier in ids]
    missed = [identifier for identifier, match in zip(ids, matches, strict=True) if match is None]
    if missed:
        raise InputError(
            f"--group {pattern!r} does not match {len(missed)} of {len(ids)} files, for instance {missed[0]!r}; "
            "every file needs a group: widen the pattern"
        )
    return tuple(match.group(1) or "" for match in matches if match is not None)


def strata_of(examples: Examples) -> Int[Tensor, " n"]:
    """The class of each example; regression has one stratum."""
    return examples.targets if examples.task == "classification" else torch.zeros(len(examples), dtype=torch.int64)


def _largest_remainder(counts: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Whole quotas that add up to share of the total; ties between remainders fall by lot.

    At least one example of every stratum is left behind for training.
    """
    exact, most = counts.double() * share, (counts - 1).clamp(min=0)
    quotas = torch.minimum(exact.floor().long(), most)
    wanted = min(round(float(counts.sum()) * share), int(most.sum()))
    by_lot = torch.randperm(len(counts), generator=generator)
    while (missing := wanted - int(quotas.sum())) > 0:
        room = by_lot[(quotas < most)[by_lot]]
        quotas[room[(exact - quotas)[room].argsort(descending=True, stable=True)][:missing]] += 1
    return quotas


def _choose_groups(strata: Tensor, share: float, generator: torch.Generator, groups: Sequence[str]) -> Tensor:
    """Whole groups, the largest first, each to the side whose class counts come nearest to its share."""
    names = sorted(set(groups))
    position = {name: index for index, name in enumerate(names)}
    member = torch.tensor([position[group] for group in groups])
    width = int(strata.max()) + 1
    counts = torch.bincount(member * width + strata, minlength=len(names) * width).view(len(names), width).double()
    weight = 1.0 / counts.sum(0).clamp(min=1.0)
    wanted = torch.stack([counts.sum(0) * share, counts.sum(0) * (1 - share)])
    by_lot = torch.randperm(len(names), generator=generator)
    ranked = by_lot[counts.sum(1)[by_lot].argsort(descending=True, stable=True)]
    taken = torch.zeros(len(names), dtype=torch.bool)
    for group in ranked.tolist():
        # The rise of sum((wanted - held)^2) on a side is smallest where most is still wanted.
        lack = ((2 * wanted - counts[group]) * counts[group] * weight).sum(1)
        side = 0 if lack[0] > lack[1] else 1
        taken[group] = side == 0
        wanted[side] -= counts[group]
    if not taken.any():
        # Groups too large for the share: the smallest that leaves every class behind is still better than none.
        spare = [group for group in reversed(ranked.tolist()) if bool((counts.sum(0) - counts[group] > 0).all())]
        taken[spare[:1]] = True
    return taken[member]


def _check_filled(examples: Examples, parts: dict[str, Tensor], least: int) -> None:
    hint = f"give at least {least} examples" if examples.parts is None else "add examples to that part"
    if examples.groups is not None:
        hint = f"there are {len(set(examples.groups))} groups, and no group may straddle splits; use finer groups"
    for name, indices in parts.items():
        needed = 1 if name == "train" else LEAST_JUDGED
        if len(indices) < needed:
            raise InputError(
                f"{examples.name}: of {len(examples)} examples the {name} split would get {len(indices)}, it needs at "
                f"least {needed}; {hint}"
            )
    if examples.task == "classification":
        seen = torch.bincount(examples.targets[parts["train"]], minlength=len(examples.classes))
        for index in (seen == 0).nonzero().flatten().tolist():
            raise InputError(f"{examples.name}: class {examples.classes[index]!r} has no training example; {hint}")
