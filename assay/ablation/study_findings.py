"""What a study tells: verdicts, every figure behind them, and a sentence for a paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

from assay.ablation.class_findings import tell_classes
from assay.ablation.cost_findings import tell_costs
from assay.ablation.curves import tell_curves
from assay.ablation.effect_table import CLEAR, TOGETHER, best_first, columns_of, lengths_differ, rows_of, verdict_of
from assay.ablation.fidelity_findings import tell_fidelity
from assay.ablation.level import tell_level
from assay.ablation.metrics.metric import Metric
from assay.ablation.rare_classes import tell_rare_classes
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.unequal_seconds import tell_unequal_seconds
from assay.ablation.whole_stack import tell_whole, whole_as_evidence
from assay.ablation.wording import counted, effects_text, percent
from assay.figure import Figure, Forest, Interval, Matrix, Table
from assay.finding import Finding, Report, Skipped

SOURCE = (
    "Paired seeds (Bouthillier et al. 2021, arXiv:2103.03098); one error rate for all verdicts over all looks (Maurer "
    "and Bretz 2013, Holm 1979); intervals and p alone are each effect's own"
)
INTERVALS = {"t": "by Student's t over seeds and examples", "bootstrap": "by the bootstrap over seeds and examples"}


def report_of(study: Study) -> Report:
    """All findings, and what broke off."""
    return Report("ablate", tuple(tell_study(study)), broken_off(study))


def tell_study(study: Study) -> list[Finding]:
    """The verdicts with their figures; of pairs a map of interactions, of classes one too; words to copy."""
    # Imported here, as below: it copies what this file tells.
    from assay.ablation.paper_figures import tell_for_a_paper

    findings = [_verdicts(study)]
    if any(len(effect.tricks) > 1 for effect in study.effects):
        findings.append(_interactions(study))
    if study.of_classes:
        findings.append(tell_classes(study))
    more = (
        tell_rare_classes(study),
        tell_unequal_seconds(study),
        _fidelity(study),
        tell_costs(study),
        tell_curves(study),
        tell_for_a_paper(study),
    )
    return [*findings, *(finding for finding in more if finding is not None)]


def broken_off(study: Study) -> tuple[Skipped, ...]:
    """Effects without an estimate, and why; and tricks that a cheap study ruled out before."""
    broken = tuple(Skipped(effect.name, effect.reason) for effect in study.effects if math.isnan(effect.estimate))
    if study.checked is None:
        return broken
    measured = {effect.name for effect in study.effects}
    cheap = (effect for effect in study.checked.cheap.effects if effect.name not in measured)
    reason = "not studied in full: the cheap study rules out that it helps"
    return (*broken, *(Skipped(effect.name, reason) for effect in cheap))


def _fidelity(study: Study) -> Finding | None:
    checked, metric = study.checked, study.judge.metric
    if checked is None:
        return None
    return tell_fidelity(checked.fidelity, metric, cheap=checked.cheap.training, full=checked.full.training)


def sentence(study: Study) -> str:
    """For a paper: what was done, with every number that a reviewer asks for; empty where nothing was measured."""
    measured, metric = best_first(study), study.judge.metric
    if not measured:
        return ""
    least, most = min(effect.n for effect in measured), max(effect.n for effect in measured)
    seeds = f"{least}" if least == most else f"{least} to {most}"
    trainings = f"{study.trainings} {study.training or 'trainings'}"
    examples = f" on {study.examples:,} validation examples" if study.examples else ""
    spent = ["looks"] * (len(study.looks.seeds) > 1) + ["rounds"] * (study.design == "stepwise")
    by = ", by Student's t," if study.judge.interval != "t" else ""
    return (
        f"The effect of a trick on {metric.named} is {study.meaning}: the mean over {seeds} paired seeds{examples} "
        f"({trainings}; design {study.design}, {_told_looks(study)}).{tell_level(study.level, metric)} Intervals are "
        f"{INTERVALS[study.judge.interval]}, each effect's own, adjusted neither for the family nor for looks; "
        f"verdicts{by} hold with a family-wise error rate of {percent(study.looks.alpha)} (Holm over tricks"
        f"{', spent over ' * bool(spent)}{' and '.join(spent)}). Of {effects_text(len(measured))}: "
        f"{_told_clear(measured, metric)}.{_told_broken(study)}{tell_whole(study)}"
    )


def _told_looks(study: Study) -> str:
    """When it was looked, and why not all planned trainings were made."""
    planned = study.looks.seeds
    looks = (
        f"looks after {', '.join(map(str, planned))} seeds"
        if len(planned) > 1
        else f"one look, at {max(planned)} seeds"
    )
    return f"{looks}{'; the time was over before all was clear' if study.out_of_time else _told_saved(study)}"


def _told_saved(study: Study) -> str:
    early = not study.out_of_time and not broken_off(study) and study.trainings < study.fixed
    return f", {study.fixed - study.trainings:,} of {study.fixed:,} saved by looking early" if early else ""


def _told_clear(measured: Sequence[StudiedEffect], metric: Metric) -> str:
    clear = [_told(effect, metric) for effect in measured if effect.verdict in CLEAR]
    rest = len(measured) - len(clear)
    if not clear:
        return "none had a measurable effect"
    return "; ".join([*clear, *([f"{rest} had no measurable effect"] if rest else [])])


def _told_broken(study: Study) -> str:
    broken = [f"{effect.in_full or effect.name} ({effect.reason})" for effect in study.effects
              if math.isnan(effect.estimate)]  # fmt: skip
    return f" Not measured: {'; '.join(broken)}." if broken else ""


def _verdicts(study: Study) -> Finding:
    from assay.ablation.paper_figures import gain_against_cost

    measured, metric = best_first(study), study.judge.metric
    summary = "No effect was measured: each training broke off for the reason beside it."
    figures: tuple[Figure, ...] = ()
    if measured:
        summary = f"{_counts(study)}{_stack(study)}{tell_whole(study)} {_told_how(study)}"
        title = f"What each is worth ({metric.unit})"
        chart = gain_against_cost(study)
        figures = (_forest(title, measured, metric), *((chart,) if len(chart.points) > 1 else ()),
                   Table("Every effect", columns_of(study), rows_of(study)))  # fmt: skip
    return Finding(
        "trick_effects", "note", summary, _evidence(study),
        source=f"{SOURCE}, {INTERVALS[study.judge.interval]}.", figures=figures,
    )  # fmt: skip


def _counts(study: Study) -> str:
    """Tricks by their verdicts; pairs apart, since what two add beyond both alone is no gain of theirs."""
    alone = [effect for effect in best_first(study) if len(effect.tricks) == 1]
    helped, hurt = ([one.name for one in alone if one.verdict == verdict] for verdict in ("helps", "hurts"))
    unclear = len(alone) - len(helped) - len(hurt)
    told = (
        f"Of {effects_text(len(alone))}, {counted(helped, 'helps', 'help')}, {counted(hurt, 'hurts', 'hurt')}, "
        f"{unclear or 'none'} had no measurable effect."
    )
    pairs = [effect for effect in best_first(study) if len(effect.tricks) > 1]
    return f"{told} {_told_pairs(pairs)}" if pairs else told


def _told_pairs(pairs: Sequence[StudiedEffect]) -> str:
    clear = "; ".join(f"{one.name} {TOGETHER[one.verdict == 'helps']}" for one in pairs if one.verdict in CLEAR)
    noun = "pair" if len(pairs) == 1 else "pairs"
    return f"Of {len(pairs)} {noun}, beyond the sum of both alone: {clear or 'none is clear'}."


def _stack(study: Study) -> str:
    """Of a stepwise study, which tricks joined the stack, in their order."""
    if study.design != "stepwise":
        return ""
    names = [study.effects[place].name for place in study.stack]
    return f" The stack, a trick a round: {', then '.join(names)}." if names else " No trick joined the stack."


def _told_how(study: Study) -> str:
    cut = "; the time was over before all was clear" if study.out_of_time else ""
    length = f" Measured on {study.training}: a longer one may judge otherwise." if study.training else ""
    return (
        f"The effect of a trick is {study.meaning}, in {study.trainings:,} trainings{_told_saved(study)}{cut}."
        f"{'' if study.judge.metric.higher_is_better else ' Less is better.'}{length}{_lengths(study)}"
    )


def _lengths(study: Study) -> str:
    """How many epochs tricks have where time is equal and epochs are not."""
    if not lengths_differ(study):
        return ""
    epochs = [effect.epochs[0] for effect in study.effects if effect.has_other_length]
    between = f"{min(epochs):.3g}" if len(epochs) == 1 else f"{min(epochs):.3g} to {max(epochs):.3g}"
    return f" Trainings with a trick have {between} epochs; the table tells each."


def _evidence(study: Study) -> dict[str, object]:
    metric = study.judge.metric
    return {
        "design": study.design, "metric": metric.name, "trainings": study.trainings,
        "trainings_without_looking_early": study.fixed, "looks": list(study.looks.seeds),
        "family_error_rate": study.looks.alpha, "interval": study.judge.interval,
        "validation_examples": study.examples or None,
        "reached": None if study.level is None else asdict(study.level),
        # As `assay tricks` reads it again: points are those of accuracy.
        "unit": "points" if metric.name == "accuracy" else metric.name, "sentence": sentence(study),
        **whole_as_evidence(study),
    }  # fmt: skip


def _interactions(study: Study) -> Finding:
    names = {effect.tricks[0]: effect.name for effect in study.effects if len(effect.tricks) == 1}
    pairs = {effect.tricks: effect for effect in study.effects if len(effect.tricks) == 2}
    metric = study.judge.metric
    values = tuple(
        tuple(_of_pair(pairs, row, column) * metric.scale for column in sorted(names)) for row in sorted(names)
    )
    labels = tuple(names[place] for place in sorted(names))
    clear = [effect for effect in pairs.values() if effect.verdict in CLEAR]
    unknown = [effect.name for effect in pairs.values() if math.isnan(effect.estimate)]
    return Finding(
        "trick_interactions", "note",
        _told_pairs(list(pairs.values()))
        + (f" Not measured, and drawn as 0: {', '.join(unknown)}." if unknown else ""),
        {"pairs": len(pairs), "clear": [effect.name for effect in clear], "not_measured": unknown},
        figures=(Matrix(f"What two add beyond both alone ({metric.unit})", values, labels, labels,
                        lower_is_better=metric.sign < 0),),
    )  # fmt: skip


def _of_pair(pairs: dict[tuple[int, ...], StudiedEffect], row: int, column: int) -> float:
    effect = pairs.get((min(row, column), max(row, column)))
    return 0.0 if effect is None or math.isnan(effect.estimate) else effect.estimate


def _forest(title: str, effects: Sequence[StudiedEffect], metric: Metric) -> Forest:
    scale = metric.scale
    rows = (Interval(e.name, e.estimate * scale, e.low * scale, e.high * scale, e.verdict) for e in effects)
    label = metric.unit if metric.higher_is_better else f"{metric.unit}, lower is better"
    return Forest(title, label, tuple(rows))


def _told(effect: StudiedEffect, metric: Metric) -> str:
    beyond = "beyond the sum of both alone, " if len(effect.tricks) > 1 else ""
    return (
        f"{effect.in_full or effect.name} {verdict_of(effect)} ({beyond}{metric.told_in_full(effect.estimate)}, "
        f"95 % interval {metric.told(effect.low)} to {metric.told(effect.high)}, n = {effect.n})"
    )
