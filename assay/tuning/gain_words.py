"""A gain with its interval in a sentence, how it was measured, and what follows from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from assay.tuning.judging import Gain, Reached

MEANINGS = {"helps": "a gain", "hurts": "worse", "no measurable effect": "no measurable gain"}


def gain_text(gain: Gain, metric: str, *, of: str) -> str:
    """What was gained, with its interval and verdict; what diverged; on what it was measured; and which settings stay.

    Args:
        of: what is held against the recipe's own settings.
    """
    if gain.n < 2:
        return f"{of}: no gain can be measured.{_diverged_text(gain)} {_kept_text(gain)}"
    seen = f"; {gain.detectable:.4f} would mostly have been seen" if gain.verdict == "no measurable effect" else ""
    by_divergence = len(gain.diverged) != len(gain.own_diverged)
    meaning = "on the seeds where both finished" if by_divergence else MEANINGS[gain.verdict]
    measured = f"Measured on {gain.n} fresh seeds, paired, and {gain.examples:,} validation examples that the search"
    return (
        f"{of}: {metric} {gain.after:.4f}{_interval(gain.reached)} against {gain.before:.4f}"
        f"{_interval(gain.own_reached)} of the recipe's own settings, {gain.estimate:+.4f} "
        f"({gain.low:+.4f} to {gain.high:+.4f}), {meaning}.{_diverged_text(gain)} {measured} did not see{seen}. "
        f"{_kept_text(gain)}"
    )


def reached_text(score: Reached, metric: str) -> str:
    """`Accuracy 0.9861 (0.9701 to 0.9932), mean of 5 fresh seeds, on 96 validation examples that the search ...`."""
    name = metric[:1].upper() + metric[1:]
    return (
        f"{name} {score.value:.4f}{_interval(score)}, mean of {score.seeds} fresh seeds, on {score.n:,} validation "
        "examples that the search did not see"
    )


def plain_score(score: Reached | None) -> dict[str, Any]:
    """What the settings that stay come to, for JSON; nothing where it was not measured."""
    return {} if score is None else {"score": asdict(score)}


def _interval(score: Reached | None) -> str:
    return "" if score is None else f" ({score.low:.4f} to {score.high:.4f})"


def plain_gain(gain: Gain) -> dict[str, Any]:
    """For JSON, where a mean that is none has no number."""
    means = {name: getattr(gain, name) if gain.n > 1 else None for name in ("before", "after")}
    numbers = {"gain": gain.estimate, "low": gain.low, "high": gain.high, "detectable": gain.detectable}
    broken = {"diverged": list(gain.diverged), "own_diverged": list(gain.own_diverged)}
    return {**means, **numbers, "seeds": gain.n, "n": gain.examples, "verdict": gain.verdict, **broken}


def _diverged_text(gain: Gain) -> str:
    if not gain.diverged and not gain.own_diverged:
        return ""
    new, own = (", ".join(map(str, seeds)) or "none" for seeds in (gain.diverged, gain.own_diverged))
    return f" Of the fresh seeds these diverged: {new}; with the recipe's own settings: {own}."


def _kept_text(gain: Gain) -> str:
    if not gain.is_better:
        return "The recipe's own settings stay."
    return f"The recipe's own settings give way{'' if gain.verdict == 'helps' else ' to the better guess'}."
