"""Z12: how restless the answers on the same validation examples are from look to look.

    jitter = mean over examples of sum_k |p_k now - p_k before| / 2        progress = way from first to last / way gone

Answers that still move by more than the validation score is known to, and get nowhere, are steps too long.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("visualize prediction dynamics").
"""

from __future__ import annotations

import numpy as np

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE
from assay.figure import Lines, Series
from assay.finding import Finding, Skipped

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
ID, FEWEST = "answer_jitter", 5
GETS_NOWHERE = 0.5
"""Our choice: more of the way led elsewhere than to the end."""


def judge(curves: Curves) -> Finding | Skipped:
    """The late moves, and how much of them was progress."""
    answers = curves.dynamics
    if len(answers) < FEWEST or not answers.size:
        return Skipped(ID, f"too few points: {len(answers)} looks, {FEWEST} needed")
    if not np.isfinite(answers).all():
        return Skipped(ID, "the answers are not finite")
    moves = moved(answers[1:], answers[:-1], curves.metric).mean(1)
    late = len(moves) // 2
    jitter, progress = float(np.median(moves[late:])), _progress(answers[late:], curves.metric)
    unit = "of their probability" if curves.metric == "accuracy" else "of their spread"
    text = (
        f"From look to look, answers moved by {moves[0]:.2g} {unit} at first and by {jitter:.2g} in the last half "
        f"({len(moves)} moves of {answers.shape[1]} validation examples; {progress:.0%} of the way was progress)"
    )
    score = curves.scores.get("validation")
    known = (score.high - score.low) / 2 if score and curves.metric == "accuracy" else None
    cause, fix, remedy = "", "", {}
    if known is not None and jitter > known and progress < GETS_NOWHERE and curves.is_rate_kept:
        text += f", more than the {known:.2g} to which the score is known"
        cause = "Answers go to and fro: the steps are too long to settle."
        fix = "Lower the learning rate towards the end, or average the weights (`EMA`)."
        remedy = LOWER_RATE
    evidence = {"first": float(moves[0]), "late": jitter, "progress": progress, "looks": len(answers), **remedy}
    return Finding(ID, "note", text + ".", evidence, cause, fix, SOURCE, (draw(curves.looks, moves),))


def moved(now: np.ndarray, before: np.ndarray, metric: str) -> np.ndarray:
    """(looks, examples) how far each answer moved: total variation, or shares of the answers' spread at the end."""
    if metric == "accuracy":
        return np.abs(now - before).sum(-1) / 2
    return np.abs(now - before).sum(-1) / max(float(now[-1].std()), np.finfo(np.float32).tiny)


def _progress(answers: np.ndarray, metric: str) -> float:
    """Of the way that all answers went, how much led from the first to the last."""
    gone = moved(answers[1:], answers[:-1], metric).sum()
    return float(moved(answers[-1:], answers[:1], metric).sum() / gone) if gone else 1.0


def draw(looks: np.ndarray, moves: np.ndarray) -> Lines:
    """The mean over the examples, look by look."""
    series = Series("mean over the examples", tuple(looks[1:].tolist()), tuple(moves.tolist()))
    return Lines("How far answers moved since the last look", "step", "jitter", (series,))
