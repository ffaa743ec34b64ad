"""The learning curve as findings: the band in one sentence, the laws behind it, and which class gains most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.audit.learning_curve.classes import ClassGain, class_gains
from assay.audit.learning_curve.curve import LEAST_SPAN, Curve
from assay.audit.learning_curve.drawing import draw_curve
from assay.audit.learning_curve.laws import LAWS
from assay.audit.learning_curve.prediction import FARTHEST, Prediction, predict_error
from assay.audit.learning_curve.sizes import LEAST_SIZES
from assay.figure import Forest, Interval
from assay.finding import Finding
from assay.intervals import wilson_interval

HELD_BACK = 2
USUAL_TIMES = (2.0, 4.0)
SOURCE = "Viering and Loog 2023, The Shape of Learning Curves (arXiv:2103.10948)"


@dataclass(frozen=True)
class Unit:
    """How errors are written. percent: they are shares of wrong answers; name: else what they are called."""

    percent: bool = True
    name: str = ""

    @property
    def factor(self) -> float:
        return 100.0 if self.percent else 1.0

    @property
    def label(self) -> str:
        return "error, %" if self.percent else self.name or "error"

    def number(self, value: float) -> str:
        """`9.2 %`, or `3.14`."""
        return f"{100 * value:.1f} %" if self.percent else f"{value:.3g}"

    def span(self, low: float, high: float) -> str:
        """`8.1–9.4 %`, or `3.1–3.4`."""
        return f"{100 * low:.1f}–{100 * high:.1f} %" if self.percent else f"{low:.3g}–{high:.3g}"


def describe_curve(
    curve: Curve,
    *,
    times: float | Sequence[float] = 2.0,
    examples: int | None = None,
    classes: Sequence[str] = (),
    unit: Unit | None = None,
    held_out: int | None = None,
    seed: int = 0,
) -> list[Finding]:
    """The error at `times` the data, and the classes' gains at the first of them where they were measured.

    Args:
        times: each more than 1, and at most 10 times the largest measured size; usual 2 and 4. Of examples that were
            not all measured with, their whole is told too, or as many as are within reach; then times may be empty.
        examples: how many training examples there are, where not all of them were measured with.
        held_out: examples that each training was judged on.
    Raises:
        ValueError: times is outside its range, examples are fewer than measured, or the curve's means are not all
            above 0.
    """
    unit = unit or Unit()
    multiples = sorted({float(times)} if isinstance(times, (int, float)) else {float(one) for one in times})
    whole = curve.largest if examples is None else examples
    _check(curve, multiples, whole)
    nearest = min(1.0, FARTHEST * curve.largest / whole)
    bands = {one: predict_error(curve, round(one * whole), seed=seed)
             for one in (*([nearest] if whole > curve.largest else []), *multiples)}  # fmt: skip
    found = [_tell_band(curve, bands, whole, unit, held_out, seed)]
    if curve.class_errors is not None and classes:
        asked = multiples[0] if multiples else nearest
        gains = class_gains(curve, bands[asked].size, classes=classes, seed=seed)
        found += _tell_classes(gains, curve, _say_more(asked, bands[asked].size), unit)
    return found


def _tell_band(
    curve: Curve, bands: dict[float, Prediction], whole: int, unit: Unit, held_out: int | None, seed: int
) -> Finding:
    seeds, earlier = curve.errors.shape[1], _look_back(curve, seed)
    first = next((band for one, band in bands.items() if one > 1), bands[min(bands)])
    missed = earlier is not None and not earlier["low"] <= earlier["measured"] <= earlier["high"]
    warning = (
        f" The band that the smaller sizes give for {curve.largest:,} examples missed the measured error: trust this "
        "one little."
        if missed
        else ""
    )
    # Where not all examples were measured with, what they would give is itself foreseen.
    now = next(iter(bands.values())).middle if whole > curve.largest and first.size > whole else first.now
    pays = first.high < now
    judged = f", on {held_out:,} held-out examples" if held_out else ""
    told = f"with {curve.largest:,}{f' of {whole:,}' if whole > curve.largest else ''} it is {unit.number(first.now)}"
    figure = draw_curve(curve, max(band.size for band in bands.values()), kept=first.kept, unit=unit.factor,
                        confidence=first.confidence, label=unit.label, seed=seed)  # fmt: skip
    return Finding(
        "learning_curve",
        "note",
        f"{_say_bands(bands, unit)}; {told} (mean of {seeds} seeds, {len(curve.sizes)} sizes{judged}).{warning}",
        evidence={"size": first.size, "low": first.low, "middle": first.middle, "high": first.high,
                  "confidence": first.confidence, "now": first.now, "measured": curve.largest, "examples": whole,
                  "bands": [{"times": one, **{name: getattr(band, name) for name in ("size", "low", "middle", "high")}}
                            for one, band in bands.items()],
                  "sizes": list(curve.sizes), "means": curve.means.tolist(), "seeds": seeds, "held_out": held_out,
                  "errors": curve.errors.tolist(),
                  "laws": first.by_law, "kept": list(first.kept),
                  "dropped": [law.name for law in LAWS if law.name not in first.kept], "look_back": earlier},
        cause=f"The laws that fit what was measured: {', '.join(first.kept)}.{_say_chance(first.now, held_out, unit)}",
        fix="More examples of the same kind pay: weigh their cost against this band."
        if pays
        else "More examples of the same kind are not shown to pay: look at labels, inputs and model first.",
        source=SOURCE,
        figures=(figure,),
    )  # fmt: skip


def _say_bands(bands: dict[float, Prediction], unit: Unit) -> str:
    """`At 2 times the data (96,000 examples) the error would be 5.9–6.6 %, at 4 times (192,000) 5.0–6.4 %`."""
    parts = list[str]()
    for one, band in bands.items():
        place = f"{one:g} times the data ({band.size:,} examples)"
        if one <= 1:
            place = f"{'all ' if one == 1 else ''}{band.size:,} examples"
        if parts and "times" in parts[-1]:
            place = f"{one:g} times ({band.size:,})"
        verb = "" if parts else f"the {unit.name or 'error'} would be "
        parts.append(f"{'at' if parts else 'At'} {place} {verb}{unit.span(band.low, band.high)}")
    return ", ".join(parts)


def _say_chance(now: float, held_out: int | None, unit: Unit) -> str:
    """How far the held-out examples themselves may mislead: the band is of the error on these."""
    if held_out is None or not unit.percent:
        return ""
    low, high = wilson_interval(round(now * held_out), held_out)
    return (f" All this is the error on the same {held_out:,} held-out examples; on others like them it may be about "
            f"{50 * (high - low):.1f} points off, in all sizes alike.")  # fmt: skip


def _check(curve: Curve, multiples: Sequence[float], whole: int) -> None:
    if whole < curve.largest:
        raise ValueError(f"examples must be at least {curve.largest}, the largest measured size, got {whole}")
    most = FARTHEST * curve.largest / whole
    for one in multiples:
        if not 1.0 < one <= most:
            raise ValueError(f"times must be above 1 and at most {most:.3g}, got {one:g}; the usual value is 2")
    if not multiples and whole == curve.largest:
        raise ValueError("times must hold a number above 1, got none; the usual value is 2")


def _look_back(curve: Curve, seed: int) -> dict[str, float] | None:
    """What the smaller sizes alone would have said of the largest one, which was measured."""
    if len(curve.sizes) < LEAST_SIZES + HELD_BACK:
        return None
    short = curve.up_to(curve.sizes[-1 - HELD_BACK])
    if curve.largest > FARTHEST * short.largest or short.largest < LEAST_SPAN * short.sizes[0]:
        return None
    band = predict_error(short, curve.largest, seed=seed)
    measured = float(curve.means[-1])
    return {"from": short.largest, "at": curve.largest, "low": band.low, "high": band.high, "measured": measured}


def _say_more(times: float, size: int) -> str:
    if times > 1:
        return f"{times:g} times the data"
    return "all of the data" if times == 1 else f"{size:,} examples"


def _tell_classes(gains: tuple[ClassGain, ...], curve: Curve, more: str, unit: Unit) -> list[Finding]:
    if not gains:
        return []
    first, factor = gains[0], unit.factor
    sure = first.sure >= 0.95
    rows = tuple(Interval(gain.name, factor * gain.middle, factor * gain.low, factor * gain.high) for gain in gains)
    label = "fall of the class's error, points" if unit.percent else "fall of the class's error"
    fall = f"error of {unit.number(first.now)} would fall by {_points(first, unit.percent)}."
    return [
        Finding(
            "class_gains",
            "note",
            f"{first.name!r} gains most from {more}: its {fall}"
            if sure
            else f"Which class gains most from {more} is unsure: {first.name!r} leads, its {fall}",
            evidence={"n": curve.errors.shape[1], "sizes": list(curve.sizes), "gains": [vars(gain) for gain in gains]},
            fix=f"Collect examples of {first.name!r} first." if sure else "Collect of all the leading classes.",
            source=SOURCE,
            figures=(Forest(f"What {more} takes from each class's error", label, rows),),
        )
    ]


def _points(gain: ClassGain, percent: bool) -> str:
    if percent:
        return f"{100 * gain.low:.1f} to {100 * gain.high:.1f} points"
    return f"{gain.low:.3g} to {gain.high:.3g}"
