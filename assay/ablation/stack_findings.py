"""What is told of the recipe that goes on: what in it is clear, what is a guess, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence

from assay.ablation.by_estimate import Stack, divergence
from assay.ablation.effect import Effect
from assay.ablation.metrics.metric import Metric
from assay.ablation.stepwise import Steps
from assay.ablation.studied import StudiedEffect
from assay.ablation.wording import percent
from assay.finding import Finding
from assay.recipe import Recipe, describe_part
from assay.trial import Trial

SOURCE = "Forward selection that stops when nothing more is clear (G'Sell et al. 2016, arXiv:1309.5352)."


def tell_divergence(baseline: Recipe, control: Sequence[Trial]) -> Finding:
    """Nothing can be compared with a baseline that blows up."""
    return Finding(
        "baseline_diverged", "suspect", f"The baseline itself {divergence(control)}; no trick was measured.",
        {"recipe": baseline.describe()}, cause="A learning rate too high for this model, or inputs on a huge scale.",
        fix="Lower the learning rate, to a tenth at first; add gradient clipping if that does not suffice.",
    )  # fmt: skip


def tell_nothing() -> Finding:
    """No trick was measured."""
    return Finding(
        "trick_effects", "note",
        "No trick was measured: none was given, or each was skipped for the reason beside it.",
    )  # fmt: skip


def tell_stack(
    baseline: Recipe, stack: Stack, steps: Steps | None, worth: Effect | str | None, metric: Metric
) -> Finding:
    """Which tricks were added and on what grounds, and what they are worth together.

    Args:
        worth: against the baseline on seeds that chose nothing, but on the examples that chose it; why it is not known,
            or None where it was not asked.
    """
    names = [describe_part(trick) for trick in stack.recipe.tricks if trick not in baseline.tricks]
    if not names:
        return Finding("trick_stack", "note", "No trick improved the baseline; it goes on unchanged.")
    joined = added_effects(steps)
    parts = [
        _tell_clear(joined, steps),
        _tell_guessed(stack.by_estimate, has_clear=bool(joined)),
        _tell_worth(worth, metric),
    ]
    return Finding(
        "trick_stack", "note", f"The stack {' | '.join(names)}. {' '.join(part for part in parts if part)}",
        {"recipe": stack.recipe.describe(), "clear": [effect.name for effect in joined],
         "by_estimate": list(stack.by_estimate),
         "verdict": worth.verdict if isinstance(worth, Effect) else "not measured"},
        source=SOURCE,
    )  # fmt: skip


def added_effects(steps: Steps | None) -> list[StudiedEffect]:
    """Of each trick that joined the stack, what it added in its round."""
    rounds = steps.rounds if steps else ()
    return [one.study.effects[one.places.index(one.added)] for one in rounds if one.added is not None]


def tell_rival(rival: Recipe, against: Effect | None, metric: Metric, *, is_fresh: bool = True) -> Finding:
    """The expert's stack against the one measured here; None where the latter diverged.

    Args:
        is_fresh: whether the seeds are others than those that chose the stack.
    """
    if against is None:
        return Finding("expert_recipe", "note", "The measured stack diverged on fresh seeds; the expert's goes on.",
                       {"recipe": rival.describe()})  # fmt: skip
    seeds = "fresh seeds" if is_fresh else "seeds, which chose the stack"
    winner = "the expert's" if against.estimate >= 0 else "the measured stack"
    summary = (
        f"The expert's recipe measures {_told(against, metric)} against the measured stack "
        f"(n = {against.n} {seeds}, {against.verdict}); {winner} goes on. Its tricks are marked as kept, "
        "whatever each of them measured alone."
    )
    return Finding("expert_recipe", "note", summary, {"recipe": rival.describe(), "verdict": against.verdict})


def _tell_clear(joined: Sequence[StudiedEffect], steps: Steps | None) -> str:
    if not joined or steps is None:
        return ""
    names = ", then ".join(effect.name for effect in joined)
    # Round 1 has half the rate of all rounds there could be.
    rate = 2 * steps.rounds[0].study.looks.alpha
    return f"Clear: {names}. At most {percent(rate)} of studies like this one ever stack a trick that does nothing."


def _tell_guessed(names: Sequence[str], *, has_clear: bool) -> str:
    if not names:
        return ""
    which = "By estimate only" if has_clear else "Nothing is clear; by estimate only"
    return (
        f"{which}: {', '.join(names)}. To measure better on a few seeds is no proof: it is the best guess there is, "
        "and this time decides no more."
    )


def _tell_worth(worth: Effect | str | None, metric: Metric) -> str:
    if worth is None:
        return "There was no time to hold it against the baseline on fresh seeds."
    if isinstance(worth, str):
        return f"On fresh seeds it {worth}."
    told = _told(worth, metric)
    return (
        f"On fresh seeds it measures {told} against the baseline (n = {worth.n} seeds): {worth.verdict}. These are the "
        "validation examples that chose it, so that is a little flattering."
    )


def _told(effect: Effect, metric: Metric) -> str:
    return f"{metric.told(effect.estimate)} {metric.unit} [{metric.told(effect.low)}, {metric.told(effect.high)}]"
