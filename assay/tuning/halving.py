"""Successive halving: many settings for a short time, the best third of them for longer, on from their checkpoints.

    round r = 0..R:   train to the share 3^(r - R) of the whole training, keep the best third

No training is begun again: each goes on from where its last round left it, under the recipe's own schedule over its
whole length. With R = 2, 27 settings cost as much as 7 whole trainings: 27/9 + 9 (1/3 - 1/9) + 3 (1 - 1/3) = 7.

Source: Jamieson & Talwalkar 2016 (arXiv:1502.07943), algorithm 1.
Hurts: where what is good early is not good in the end, such as low rates, which look good before schedules fall.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.training import Training
from assay.tuning.memory import Memory
from assay.tuning.pruned_training import read_trial
from assay.tuning.search import Bench
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings, with_settings

KEPT, MOST_ROUNDS = 3, 2
"""One of so many goes on; at most so many rounds come before the last."""


def shares_of_rounds(settings: int) -> tuple[float, ...]:
    """Where each round ends: (1/9, 1/3, 1) of nine settings or more, (1/3, 1) of three, else (1,)."""
    rounds = min(MOST_ROUNDS, int(math.log(max(1, settings) + 1e-9, KEPT)))
    return tuple(float(KEPT) ** (number - rounds) for number in range(rounds + 1))


def cost_of_halving(settings: int) -> float:
    """In whole trainings."""
    alive, before, cost = settings, 0.0, 0.0
    for share in shares_of_rounds(settings):
        cost += alive * (share - before)
        alive, before = math.ceil(alive / KEPT), share
    return cost


def halve(bench: Bench, memory: Memory, settings: Sequence[Settings]) -> list[Searched]:
    """Train all of them to the first round's end, the best to the next.

    Returns:
        In the order of `settings`; those that were not trained to the end are pruned. Fewer where time ran out before
        all had a first round.
    """
    unique = {bench.key_of(one): one for one in settings}
    shares = shares_of_rounds(len(unique))
    if memory.folder is None:
        with tempfile.TemporaryDirectory() as folder:
            memory.folder = Path(folder)
            try:
                return _rounds(bench, memory, unique, shares)
            finally:
                memory.folder = None
    return _rounds(bench, memory, unique, shares)


def _rounds(
    bench: Bench, memory: Memory, settings: dict[str, Settings], shares: Sequence[float]
) -> list[Searched]:  # fmt: skip
    seen: dict[str, Searched] = {}
    alive, told, out_of_time = list(settings), 0, False
    for round_number in range(len(shares)):
        for key in alive:
            found = _known(memory, key, settings[key], round_number)
            if found is None and (out_of_time := out_of_time or not bench.time_is_left()):
                continue
            seen[key] = found or _train_to(bench, memory, key, settings[key], shares, round_number)
            bench.on_trial(told, seen[key])
            told += 1
        if out_of_time:
            break
        is_last = round_number == len(shares) - 1
        ranked = sorted((key for key in alive if not seen[key].diverged), key=lambda key: seen[key].rank, reverse=True)
        alive = ranked if is_last else ranked[: math.ceil(len(alive) / KEPT)]
    for key in set(seen) - set(alive):
        _let_go(memory, key, seen[key])
    return [seen[key] for key in settings if key in seen]


def _known(memory: Memory, key: str, settings: Settings, round_number: int) -> Searched | None:
    """What an earlier sitting found at the end of this round, or at the trial's own end."""
    if key in memory.finished:
        frozen = memory.finished[key]
        told = frozen.user_attrs.get(f"round {round_number}")
        went_on = f"round {round_number + 1}" in frozen.user_attrs
        return _read(settings, told) if told and went_on else read_trial(settings, frozen)
    if key not in memory.under_way:
        return None
    told = memory.study._storage.get_trial(memory.under_way[key]).user_attrs.get(f"round {round_number}")
    return _read(settings, told) if told else None


def _train_to(
    bench: Bench, memory: Memory, key: str, settings: Settings, shares: Sequence[float], round_number: int
) -> Searched:
    """On from the checkpoint to the end of this round."""
    recipe, checkpoint = with_settings(bench.recipe, settings), memory.checkpoint(key)
    training = Training(recipe, bench.data, seed=bench.seed, device=bench.device, evaluations=0,
                        checkpoint=checkpoint, monitored=False)  # fmt: skip
    trial = memory.begin(key)
    end, finite = max(1, round(shares[round_number] * training.total_steps)), True
    for step in training if training.step < end else ():
        bench.on_step(training)
        finite = math.isfinite(float(step.loss))
        if training.step >= end or not finite:
            break
    done = training.step / training.total_steps
    if finite:
        training.save()
        judged = training.finish().validation
        finite = math.isfinite(judged.loss) and math.isfinite(judged.value)
        told: dict[str, Any] = {"value": judged.value, "loss": judged.loss, "share": done}
    if not finite:
        told = {"value": None, "loss": None, "share": done}
    is_end = round_number == len(shares) - 1 or training.stopped_early
    trial.set_user_attr(f"round {round_number}", told)
    if not finite or is_end:
        memory.end(key, trial, told["value"] if finite else None, told)
    return _read(settings, told, pruned=not (finite and is_end))


def _let_go(memory: Memory, key: str, last: Searched) -> None:
    """A trial that does not go on is pruned, with what it reached."""
    if key not in memory.finished:
        notes = {"value": last.value, "loss": last.loss, "share": last.share}
        memory.end(key, memory.begin(key), None, notes)


def _read(settings: Settings, told: dict[str, Any], *, pruned: bool = True) -> Searched:
    value, loss = told["value"], told["loss"]
    return Searched(dict(settings), math.nan if value is None else value, math.inf if loss is None else loss, pruned,
                    told["share"])  # fmt: skip
