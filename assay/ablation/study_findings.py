"""What a study tells: verdicts, every figure behind them, and a sentence and tables for a paper."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.ablation.ablate import counted, points_of, unit_of
from assay.ablation.study import StudiedEffect, Study
from assay.figure import Figure, Forest, Interval, Matrix, Table
from assay.finding import Finding, Skipped

COLUMNS = (
    "trick",
    "effect",
    "95 % interval",
    "seeds",
    "p",
    "chance it helps",
    "verdict",
    "seen from",
    "seconds a step",
)
TOGETHER = {True: "help each other", False: "stand in each other's way"}
SOURCE = (
    "Paired seeds (Bouthillier et al. 2021, arXiv:2103.03098); one error rate for all verdicts over all looks (Maurer "
    "and Bretz 2013, Holm 1979); intervals are each effect's own."
)


def tell_study(study: Study, metric: str, *, training: str) -> list[Finding]:
    """The verdicts with their forest plot and table; of pairs a map of interactions too.

    Args:
        training: how long each training was, in words.
    """
    findings = [_verdicts(study, metric, training)]
    if any(len(effect.tricks) > 1 for effect in study.effects):
        findings.append(_interactions(study, metric))
    return findings


def broken_off(study: Study) -> tuple[Skipped, ...]:
    """Effects without an estimate, and why."""
    return tuple(Skipped(effect.name, effect.reason) for effect in study.effects if math.isnan(effect.estimate))


def sentence(study: Study, metric: str) -> str:
    """For a paper: what was done, with every number that a reviewer asks for."""
    measured = _measured(study)
    least, most = min(effect.n for effect in measured), max(effect.n for effect in measured)
    seeds = f"{least}" if least == most else f"{least} to {most}"
    told = [_told(effect, metric) for effect in measured if effect.verdict != "no measurable effect"]
    clear = "; ".join(told) if told else "none had a measurable effect"
    return (
        f"Each effect is {study.meaning}, over {seeds} paired seeds ({study.trainings} trainings, design "
        f"{study.design}, looks after {', '.join(map(str, study.looks.seeds))} seeds); verdicts hold with a "
        f"family-wise error rate of {study.looks.alpha:.0%} (Holm over tricks, spent over looks). Of {len(measured)}: "
        f"{clear}."
    )


def rows_of(study: Study, metric: str) -> tuple[tuple[str, ...], ...]:
    """A row for each effect, the largest first, as the columns are."""
    return tuple(_row(effect, metric) for effect in _ordered(study))


def _verdicts(study: Study, metric: str, training: str) -> Finding:
    measured = _measured(study)
    helped, hurt = (_names(study, verdict) for verdict in ("helps", "hurts"))
    unclear = len(measured) - len(helped) - len(hurt)
    early = not study.out_of_time and not broken_off(study) and study.trainings < study.fixed
    saved = f", {study.fixed - study.trainings:,} of {study.fixed:,} saved by looking early" if early else ""
    cut = "; the time was over before all was clear" if study.out_of_time else ""
    summary = (
        f"Of {len(measured)} effects, {counted(helped, 'helps', 'help')}, {counted(hurt, 'hurts', 'hurt')}, "
        f"{unclear or 'none'} had no measurable effect. An effect is {study.meaning}, in {study.trainings:,} "
        f"trainings{saved}{cut}. Measured on {training}: a longer one may judge "
        "otherwise."
        if measured
        else "No effect was measured: each training broke off for the reason beside it."
    )
    figures: tuple[Figure, ...] = ()
    if measured:
        title = f"What each is worth ({unit_of(metric)})"
        figures = (_forest(title, measured, metric), Table("Every effect", COLUMNS, rows_of(study, metric)))
    return Finding(
        "trick_effects", "note", summary,
        {"design": study.design, "trainings": study.trainings, "trainings_without_looking_early": study.fixed,
         "looks": list(study.looks.seeds), "family_error_rate": study.looks.alpha, "unit": unit_of(metric),
         "sentence": sentence(study, metric) if measured else ""},
        source=SOURCE, figures=figures,
    )  # fmt: skip


def _interactions(study: Study, metric: str) -> Finding:
    names = {effect.tricks[0]: effect.name for effect in study.effects if len(effect.tricks) == 1}
    pairs = {effect.tricks: effect for effect in study.effects if len(effect.tricks) == 2}
    values = tuple(
        tuple(_of_pair(pairs, row, column) * points_of(metric) for column in sorted(names)) for row in sorted(names)
    )
    labels = tuple(names[place] for place in sorted(names))
    clear = [effect for effect in pairs.values() if effect.verdict != "no measurable effect"]
    unknown = [effect.name for effect in pairs.values() if math.isnan(effect.estimate)]
    told = "; ".join(f"{effect.name} {TOGETHER[effect.estimate > 0]}" for effect in clear) or "none is clear"
    return Finding(
        "trick_interactions", "note", f"Of {len(pairs)} pairs, beyond the sum of both alone: {told}."
        + (f" Not measured, and drawn as 0: {', '.join(unknown)}." if unknown else ""),
        {"pairs": len(pairs), "clear": [effect.name for effect in clear], "not_measured": unknown},
        figures=(Matrix(f"What two add beyond both alone ({unit_of(metric)})", values, labels, labels),),
    )  # fmt: skip


def _of_pair(pairs: dict[tuple[int, ...], StudiedEffect], row: int, column: int) -> float:
    effect = pairs.get((min(row, column), max(row, column)))
    return 0.0 if effect is None or math.isnan(effect.estimate) else effect.estimate


def _forest(title: str, effects: Sequence[StudiedEffect], metric: str) -> Forest:
    points = points_of(metric)
    rows = (Interval(e.name, e.estimate * points, e.low * points, e.high * points, e.verdict) for e in effects)
    return Forest(title, unit_of(metric), tuple(rows))


def _row(effect: StudiedEffect, metric: str) -> tuple[str, ...]:
    points = points_of(metric)
    return (
        effect.name, f"{effect.estimate * points:+.2f}", f"{effect.low * points:+.2f} to {effect.high * points:+.2f}",
        str(effect.n), f"{effect.p:.2g}", f"{effect.chance_it_helps:.1%}", effect.verdict,
        f"{effect.detectable * points:.2f}", _times(effect.seconds_per_step_ratio),
    )  # fmt: skip


def _times(ratio: float) -> str:
    return "" if math.isnan(ratio) else f"{ratio:.2f}x"


def _told(effect: StudiedEffect, metric: str) -> str:
    points = points_of(metric)
    return (
        f"{effect.name} {effect.verdict} ({effect.estimate * points:+.2f} {unit_of(metric)}, 95 % interval "
        f"{effect.low * points:+.2f} to {effect.high * points:+.2f}, n = {effect.n})"
    )


def _measured(study: Study) -> list[StudiedEffect]:
    return [effect for effect in _ordered(study) if not math.isnan(effect.estimate)]


def _ordered(study: Study) -> list[StudiedEffect]:
    """The largest first, those without an estimate left out."""
    known = (effect for effect in study.effects if not math.isnan(effect.estimate))
    return sorted(known, key=lambda effect: -effect.estimate)


def _names(study: Study, verdict: str) -> list[str]:
    return [effect.name for effect in _measured(study) if effect.verdict == verdict]
