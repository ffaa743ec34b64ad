"""What windows say: is each update made from the gradients of its own forward, whole and only once?

Gradients accumulated on purpose (several backwards, one update) are healthy, as are two optimisers that take turns.
Nothing is said that fewer than most windows show.

Source: PyTorch documentation, Optimizing Model Parameters; Karpathy 2018, most common neural net mistakes (3).
"""

from __future__ import annotations

from assay.finding import Finding, Level
from assay.watching.window import Tally, Window

SOURCE = "PyTorch documentation, Optimizing Model Parameters"
LEAST, MOST = 2, 0.5
MOST_REUSED = 0.25  # two steps for one backward leave every other window without one
Words = tuple[str, Level, str, str, str]


def order_findings(window: Window, steps: int, written: bool) -> list[Finding]:
    """Findings of one optimiser's windows.

    Args:
        steps: updates that it made.
        written: whether any of its parameters changed.
    """
    tally = window.tally
    if steps == 0:
        return _never_stepped(window.backwards) if window.backwards >= LEAST and not written else []
    found = [_finding(tally, count, *words) for count, words in _seen(tally) if _is_most(count, words, tally)]
    if found or not tally.windows:
        return found
    text = f"In {tally.windows} updates looked at, each was made from its own gradients, cleared before the next."
    return [Finding("gradients_cleared", "note", text, {"updates": tally.windows}, source=SOURCE)]


def _is_most(count: int, words: Words, tally: Tally) -> bool:
    return count >= LEAST and count >= (MOST_REUSED if words is _REUSED else MOST) * tally.windows


def _seen(tally: Tally) -> list[tuple[int, Words]]:
    idle = tally.without_backward - tally.reused
    pairs = [(tally.summed, _SUMMED), (tally.emptied, _EMPTIED), (tally.late, _LATE), (tally.edited, _EDITED)]
    return [*pairs, (tally.all_zero, _ZERO), (tally.reused, _REUSED), (idle, _WITHOUT)]


def _finding(tally: Tally, count: int, name: str, level: Level, told: str, cause: str, fix: str) -> Finding:
    text = f"In {count} of {tally.windows} updates looked at, {told}."
    evidence = {"seen": count, "looked_at": tally.windows, "steps": tally.steps[:20]}
    return Finding(name, level, text, evidence, cause, fix, SOURCE)


def _never_stepped(backwards: int) -> list[Finding]:
    text = f"{backwards} backward passes, and not one step of the optimiser; no parameter has changed."
    cause, fix = "optimizer.step() is missing, or another optimiser is stepped.", "Call optimizer.step() in the loop."
    return [Finding("step_order", "suspect", text, {"backward_passes": backwards}, cause, fix, SOURCE)]


_SUMMED: Words = (
    "gradients_cleared",
    "proved",
    "gradients were added to those that an earlier update had used already",
    "zero_grad is forgotten, or called on another optimiser or model.",
    "Call optimizer.zero_grad() once for each update, before the first loss.backward() that belongs to it.",
)
_EMPTIED: Words = (
    "gradients_cleared",
    "proved",
    "a gradient had arrived, and was cleared before the update could use it",
    "zero_grad stands between backward and step.",
    "Call optimizer.zero_grad() before loss.backward(), or after optimizer.step().",
)
_LATE: Words = (
    "step_order",
    "proved",
    "the update came between a forward and its own backward: it used the gradients of the batch before",
    "optimizer.step() stands before loss.backward().",
    "The order is zero_grad, forward, backward, step.",
)
_EDITED: Words = (
    "gradient_clipping",
    "proved",
    "gradients were changed after the update that used them, and cleared before the next: the change did nothing",
    "clip_grad_norm_ (or another edit) stands after optimizer.step().",
    "Clip between loss.backward() and optimizer.step(); with a GradScaler after scaler.unscale_(optimizer).",
)
_ZERO: Words = (
    "loss_clipping",
    "suspect",
    "every gradient that arrived was exactly 0",
    "The loss is cut (clamp, min, max, relu) where it should vary, multiplied by 0, or all units behind it are dead.",
    "Clip gradients, never the loss; follow the loss back to what holds it constant.",
)
_WITHOUT: Words = (
    "step_order",
    "suspect",
    "no gradient had arrived since the one before",
    "optimizer.step() is called without loss.backward(), or the loss belongs to other parameters.",
    "Call loss.backward() once before each optimizer.step(), with the optimiser made for this model.",
)
_REUSED: Words = (
    "step_order",
    "proved",
    "no gradient had arrived since the one before, and that one's gradient was used again",
    "optimizer.step() is called more often than loss.backward().",
    "Call optimizer.step() once after each backward (or each accumulated group of them).",
)
