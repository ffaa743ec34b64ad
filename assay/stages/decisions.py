"""What the decisions about labels changed, measured by training without and with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assay.ablation.effect import Effect, paired_effect
from assay.data.data import Data
from assay.figure import Forest, Interval
from assay.finding import Finding, Report
from assay.planning import plan_pairs
from assay.recipe import Recipe
from assay.stages.comparison import measured_speed
from assay.stages.session import Result, Session


def decisions_stage(session: Session, data: Data, before: Data, seed: int, recipe: Recipe) -> Result:
    """What training on the corrected labels changes: the same recipe and seeds, judged on the same examples.

    Args:
        before: the data without the decisions. Both trainings are judged on the validation split as `data` has it.
    """
    speed, steps = measured_speed(session, data, recipe), max(1, len(data.train) // recipe.batch_size)
    seconds, validation = session.seconds_for("decisions"), len(data.validation)
    plan = session.decide("pairs", lambda: plan_pairs(seconds, speed, steps_per_epoch=steps, validation=validation))
    epochs, seeds = plan["epochs"], range(seed, seed + int(plan["pairs"]))
    measures = [session.measure_on(arm) for arm in (replace(data, train=before.train), data)]
    trials = [[measure(recipe.change(epochs=epochs), number) for number in seeds] for measure in measures]
    effect = paired_effect(*trials)
    was, now = (float(np.mean([trial.value for trial in arm])) for arm in trials)
    found = tell_decisions_effect(data.specification.metric, was, now, effect, changed_labels(before, data), epochs,
                                  trials[0][0].n)  # fmt: skip
    return {"report": Report("decisions", (found,)).to_dict()}


def changed_labels(before: Data, after: Data) -> int:
    """How many training examples have another label, or are gone."""
    was = dict(zip(before.train.ids, before.train.targets.tolist(), strict=True))
    now = dict(zip(after.train.ids, after.train.targets.tolist(), strict=True))
    return sum(id not in now or now[id] != label for id, label in was.items())


def tell_decisions_effect(
    metric: str, before: float, after: float, effect: Effect, changed: int, epochs: float, n: int
) -> Finding:
    """Before and after, with the paired difference."""
    gain = f"{effect.estimate:+.4f} ({effect.low:+.4f} to {effect.high:+.4f})"
    seen = f", where {effect.detectable:.4f} would have been seen" if effect.verdict.startswith("no") else ""
    return Finding(
        "decisions_effect",
        "suspect" if effect.verdict == "hurts" else "note",
        f"The {changed:,} corrected training examples: {metric} {before:.4f} before, {after:.4f} after, "
        f"the mean of {effect.n} seeds on {n:,} validation examples; difference {gain}: {effect.verdict}{seen}.",
        evidence={"n": effect.n, "validation": n, "metric": metric, "before": before, "after": after,
                  "difference": effect.estimate, "low": effect.low, "high": effect.high,
                  "detectable": effect.detectable, "changed": changed, "epochs": epochs},
        cause=f"{effect.n} pairs of trainings of {epochs:.1f} epochs by the tuned recipe, which was chosen on the "
        f"corrected labels; both judged on the same {n:,} validation examples, as corrected.",
        fix="Look at the decisions again: better labels seldom hurt." if effect.verdict == "hurts" else "",
        source="Bouthillier et al. 2021 (arXiv:2103.03098): paired seeds",
        figures=(Forest("Training on corrected labels", f"difference of {metric}",
                        (Interval("corrected", effect.estimate, effect.low, effect.high, effect.verdict),)),),
    )  # fmt: skip
