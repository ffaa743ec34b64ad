"""Which measurement a rule lacks, and the command that makes it."""

from __future__ import annotations

from assay.advice.curves import Curves
from assay.advice.judgement import Fine, NotMeasured
from assay.advice.measurements import Measurements
from assay.finding import Finding, Skipped
from assay.training.sample import TrainingSample

WITHOUT_RECIPE = ("inspect", "baselines", "overfit", "learning-curve")


def no_curves(m: Measurements) -> NotMeasured:
    """No training left its curves."""
    return NotMeasured("the curves of a training", m.place.train("measured"))


def no_scores(m: Measurements) -> NotMeasured:
    """No network was judged on training and on validation examples."""
    return NotMeasured("the scores of one network on training and on validation examples", m.place.train("measured"))


def no_recipe(m: Measurements) -> NotMeasured:
    """It is not known how it was trained."""
    return NotMeasured("the recipe", m.place.train("measured"))


def no_finding(m: Measurements, name: str) -> NotMeasured:
    """A stage that did not say it: "verify.label_noise"."""
    stage = name.split(".")[0].replace(" ", "-")
    if stage == "test":
        return NotMeasured("the look at the test split", m.place.stage("run", "whole", takes_recipe=False))
    command = m.place.stage(stage, stage, takes_recipe=stage not in WITHOUT_RECIPE)
    return NotMeasured(f"`{name.split('.')[1]}` of the stage {stage}", command)


def too_few(m: Measurements, missing: str) -> NotMeasured:
    """The training was too short to tell: the same one again leaves as little, one of three times its length more."""
    epochs = None if m.recipe is None else 3 * m.recipe.epochs
    return NotMeasured(missing, m.place.train("measured", epochs=epochs))


def of_curves(m: Measurements, found: Finding | Skipped) -> Fine | NotMeasured | None:
    """What a rule of the curves says where it asks for nothing; None where it does ask."""
    if isinstance(found, Skipped):
        # A loss that is no number, or does not fall, is mended first: no command measures more of it.
        return too_few(m, found.reason) if "too few" in found.reason else NotMeasured(found.reason)
    return None if found.fix else Fine(found.summary)


def samples_or_lack(m: Measurements, fewest: int) -> tuple[TrainingSample, ...] | NotMeasured:
    """The sampled steps of the curves, at least so many; or what is missing."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    if len(curves.samples) < fewest:
        return too_few(m, f"enough sampled steps ({len(curves.samples)}, {fewest} needed)")
    return curves.samples


def curves_or_none(m: Measurements) -> Curves | None:
    """The curves if any step of them was recorded."""
    return m.curves if m.curves is not None and len(m.curves.losses) else None
