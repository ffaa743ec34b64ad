"""What each step of the disciplined approach found and decided, with its figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assay.figure import Forest, Interval, Lines, Series
from assay.finding import Finding
from assay.tuning.discipline import CYCLED, STEPS_OF_AN_EPOCH, Discipline
from assay.tuning.gain_words import gain_text, plain_gain, plain_score
from assay.tuning.search_findings import value_text
from assay.tuning.searched import Searched, best_first

SOURCE = "Smith 2018 (arXiv:1803.09820)"


def tell_discipline(done: Discipline, metric: str) -> list[Finding]:
    """The steps in order; the answer comes last."""
    steps = [_batch(done), _rate(done)]
    if done.momentum:
        steps.append(_momentum(done, metric))
    return [*steps, _decay(done, metric), _answer(done, metric)]


def _batch(done: Discipline) -> Finding:
    peaks = {size: peak for size, peak in done.batch.peak_bytes.items() if peak is not None}
    drawn = Lines("Memory by batch size", "batch size", "MiB at the peak",
                  (Series("two training steps", tuple(map(float, peaks)),
                          tuple(peak / 2**20 for peak in peaks.values())),), log_x=True)  # fmt: skip
    return Finding(
        "batch_size", "note", f"{_limit_of_batch(done)} (the recipe came with {done.own.batch_size}).",
        {"batch_size": done.batch.batch_size, "peak_bytes": peaks}, source=f"{SOURCE}, section 4.2",
        figures=(drawn,) if len(peaks) > 1 else (),
    )  # fmt: skip


def _limit_of_batch(done: Discipline) -> str:
    """The size, and what kept it from being larger: memory, or steps of an epoch."""
    size, tried = done.batch.batch_size, list(done.batch.peak_bytes)
    which = f"Batch {size}" if len(tried) == 1 else f"Batch {size}, of {', '.join(map(str, tried))}"
    if tried[-1] > size:
        return f"{which}: batches of {tried[-1]} take more memory than there is"
    return f"{which}: batches of {2 * size} would leave an epoch fewer than {STEPS_OF_AN_EPOCH} steps"


def _rate(done: Discipline) -> Finding:
    high, early = done.tested.high, done.tested.overfits_from
    sign = (
        f"The validation loss rises from a rate of {early:.2g} on while the training loss does not: an early sign of "
        "overfitting, so regularise more."
        if early is not None
        else "The validation loss turns no earlier than the training loss: no early sign of overfitting."
    )
    return Finding(
        "learning_rate", "note",
        f"Rate {high:.2g} at the peak of one cycle from a tenth of it: the loss is near its lowest there. {sign}",
        {"high": high, "overfits_from": early}, source=f"{SOURCE}, sections 3 and 4.1", figures=(done.tested.figure(),),
    )  # fmt: skip


def _momentum(done: Discipline, metric: str) -> Finding:
    best = best_first(done.momentum)
    chosen = _momentum_text(best[0]) if best else "as it was, since nothing was trained to its end"
    constant = [one for one in done.momentum if "momentum" in one.settings and not one.diverged]
    series = [Series("constant", tuple(float(one.settings["momentum"]) for one in constant),
                     tuple(one.value for one in constant), "points")]  # fmt: skip
    cycled = [one for one in done.momentum if "momentum" not in one.settings and not one.diverged]
    series += [Series("cycle", CYCLED, (one.value, one.value)) for one in cycled]
    return Finding(
        "momentum", "note",
        f"Momentum {chosen}: {_scores_text(done.momentum, metric, _momentum_text)}.{_tie_text(best, _momentum_text)}",
        {"values": [[_momentum_text(one), None if one.diverged else one.value] for one in done.momentum]},
        source=f"{SOURCE}, section 4.3", figures=(Lines("Momentum", "momentum", metric, tuple(series)),),
    )  # fmt: skip


def _decay(done: Discipline, metric: str) -> Finding:
    best, tried = best_first(done.decay), sorted(done.decay, key=lambda one: one.settings["weight_decay"])
    chosen = _decay_text(best[0]) if best else "as it was, since nothing was trained to its end"
    drawn = [one for one in tried if not one.diverged]
    is_none = bool(best) and best[0].settings["weight_decay"] == 0
    bisected = ", by bisecting the exponent" if best and not is_none else ""
    sign = " The sign of overfitting in the range test asked for more." if (
        is_none and done.tested.overfits_from is not None) else ""  # fmt: skip
    figure = Lines("Weight decay", "weight decay", metric,
                   (Series("trainings", tuple(float(one.settings["weight_decay"]) for one in drawn),
                           tuple(one.value for one in drawn), "points"),), log_x=True)  # fmt: skip
    return Finding(
        "weight_decay", "note",
        f"Weight decay {chosen}{bisected}: {_scores_text(tried, metric, _decay_text)}."
        f"{_tie_text(best, _decay_text)}{sign}",
        {"values": [[one.settings["weight_decay"], None if one.diverged else one.value] for one in tried]},
        source=f"{SOURCE}, section 4.4", figures=(figure,),
    )  # fmt: skip


def _answer(done: Discipline, metric: str) -> Finding:
    gain = done.gain
    return Finding(
        "discipline", "note", gain_text(gain, metric, of="All decisions together"),
        {"metric": metric, **plain_gain(gain), "kept": "disciplined" if gain.is_better else "own",
         "recipe": done.recipe.describe(), **plain_score(done.score)},
        source=f"{SOURCE}; Bouthillier et al. 2021 (arXiv:2103.03098): paired seeds",
        figures=(Forest("Gain over the recipe as it came, on fresh seeds and examples kept back",
                        f"difference of {metric}",
                        (Interval("disciplined", gain.estimate, gain.low, gain.high, gain.verdict),)),),
    )  # fmt: skip


def _scores_text(found: Sequence[Searched], metric: str, name_of: Callable[[Searched], str]) -> str:
    """`validation accuracy 0.9474 with 0, 0.9123 with 0.001`."""
    return f"validation {metric} " + ", ".join(f"{_score(one)} with {name_of(one)}" for one in found)


def _tie_text(best: Sequence[Searched], name_of: Callable[[Searched], str]) -> str:
    """How the best was told from others with the same score; nothing where there are none."""
    equal = [one for one in best if one.value == best[0].value]
    if len(equal) < 2:
        return ""
    why = "has the lowest validation loss" if equal[0].loss < equal[1].loss else "was tried first"
    return f" {len(equal)} tie, of which {name_of(equal[0])} {why}: which is better is not told."


def _decay_text(one: Searched) -> str:
    return value_text(float(one.settings["weight_decay"]))


def _momentum_text(one: Searched) -> str:
    if "momentum" in one.settings:
        return f"{one.settings['momentum']:g}"
    return f"{CYCLED[0]:g} to {CYCLED[1]:g} and back"


def _score(one: Searched) -> str:
    return "diverged" if one.diverged else f"{one.value:.4f}"
