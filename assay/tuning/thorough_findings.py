"""What a thorough tuning tells: the learning rate's bracket, the search, what mattered, what the winner is worth."""

from __future__ import annotations

import math
from typing import Any

from assay.figure import Forest, Interval, Shares, Table
from assay.finding import Finding
from assay.tuning.bracket import span_around
from assay.tuning.capacity import capacity_table
from assay.tuning.gain_words import gain_text, plain_gain, plain_score, reached_text
from assay.tuning.importance import Compared, compare_equally_long, fewest_trials
from assay.tuning.narrowing import at_the_edge
from assay.tuning.search_findings import describe_range, fate_of, settings_text, value_text
from assay.tuning.setting import settings_of
from assay.tuning.space import describe
from assay.tuning.thorough import Plan, Round, Tuned
from assay.tuning.tried_figures import bracket_figure, search_figures

SOURCES = {
    "random": "Bergstra & Bengio 2012: random search on a log scale.",
    "grid": "Goodfellow et al. 2016, section 11.4.3: a grid for at most three hyperparameters.",
    "tpe": "Bergstra et al. 2011: tree of Parzen estimators, by Optuna.",
    "cmaes": "Hansen 2016 (arXiv:1604.00772): CMA-ES, by Optuna.",
}
NAMES = {"random": "random", "grid": "grid", "tpe": "TPE", "cmaes": "CMA-ES"}


def tell_tuned(tuned: Tuned, metric: str) -> list[Finding]:
    """All of it in the order it was done; the answer comes last."""
    findings = []
    if tuned.tested is not None:
        findings += [describe_range(tuned.tested, tuned.own, bracketed=True), tell_bracket(tuned, metric)]
    findings += [tell_round(tuned, number, metric) for number in range(len(tuned.rounds))]
    if tuned.rounds:
        findings += [tell_importance(tuned)]
    names = list(settings_of(tuned.own, tuned.found[0].settings)) if tuned.found else []
    if (table := capacity_table(names)) is not None:
        findings.append(
            Finding(
                "capacity",
                "note",
                f"What raises capacity, of {_listed([row[0] for row in table.rows])}: where the training error is too "
                "high, move that way; where the test error is and the training error is low, the other way.",
                source="Goodfellow et al. 2016, table 11.1",
                figures=(table,),
            )
        )
    return [*findings, tell_winner(tuned, metric)]


def tell_bracket(tuned: Tuned, metric: str) -> Finding:
    """Which rates above the range test's were trained, and where the search looks after them."""
    climbed = tuned.first[1:]
    assert tuned.tested is not None
    span = span_around(climbed, tuned.tested)
    rates = ", ".join(f"{one.settings['learning_rate']:.3g} ({_score(one)})" for one in climbed)
    return Finding(
        "learning_rate_bracket",
        "note",
        f"Trainings at rates from the test's upper bound on: {rates}. The search looks from {describe(span)}.",
        {"rates": [one.settings["learning_rate"] for one in climbed],
         "values": [None if one.diverged else one.value for one in climbed], "low": span.low, "high": span.high},
        source="Goodfellow et al. 2016, section 8.3.1: the best rate is above the one that is best after 100 steps",
        figures=(bracket_figure(climbed, metric),),
    )  # fmt: skip


def tell_round(tuned: Tuned, number: int, metric: str) -> Finding:
    """One round of the search, with its best few on fresh seeds."""
    plan, one = tuned.plan, tuned.rounds[number]
    found = one.found
    stopped, diverged = sum(row.pruned and not row.diverged for row in found), sum(row.diverged for row in found)
    space = "; ".join(f"{name} {describe(dimension)}" for name, dimension in one.space.items())
    which = f"Round {number + 1} of the {NAMES[plan.search]} search" if plan.rounds > 1 else (
        f"The {NAMES[plan.search]} search")  # fmt: skip
    cost = sum(row.share for row in found)
    ends = f"{stopped} stopped early{f', {diverged} diverged' if diverged else ''}"
    told = (
        f"{which} tried {_tried_text(one, plan)} at the cost of {cost:.1f} trainings ({ends}): {space}. "
        f"{_finalists_text(tuned, number, metric)}"
    )
    evidence: dict[str, Any] = {
        "trials": len(found),
        "planned": plan.settings,
        "cut_short": one.is_cut_short,
        "stopped": stopped,
        "diverged": diverged,
        "cost": cost,
    }
    if one.finalists is not None:
        means = [mean if math.isfinite(mean) else None for mean in one.finalists.means]
        evidence |= {"finalists": means, "seeds": one.finalists.seeds, "half_width": one.finalists.half_width}
    known = [*tuned.first, *(row for each in tuned.rounds[: number + 1] for row in each.found)]
    names = [row.name for row in tuned.importance if row.is_told]
    figures = (*search_figures(one.space, known, metric, by_importance=names, kept=tuned.kept),
               _trials_table(tuned, number, metric))  # fmt: skip
    return Finding(f"search_round_{number + 1}", "note", told, evidence, source=SOURCES[plan.search], figures=figures)


def _tried_text(one: Round, plan: Plan) -> str:
    """How many settings, and why not as many as were planned; a grid has as many as it has."""
    tried = len(one.found)
    if one.is_cut_short:
        done = "train all of them further" if tried == plan.settings else "try more"
        return f"{tried} of {plan.settings} settings (there was no time to {done})"
    if tried < plan.trials and plan.search != "grid":
        return f"{tried} of {plan.trials} settings (it came upon no others)"
    return f"{tried} settings"


def tell_importance(tuned: Tuned) -> Finding:
    """Which settings mattered, as far as the trials can tell."""
    rows, source = tuned.importance, "Breiman 2001; Hutter et al. 2014: a forest over the trials, resampled"
    space = tuned.rounds[0].space
    compared = compare_equally_long(space, tuned.found)
    tried = len(compared.trials)
    where = _where_compared(compared, len(tuned.found))
    if not rows:
        least = fewest_trials(space)
        reason = "are all alike" if tried >= least else f"are too few: {least} are needed"
        summary = f"Which setting mattered is not told: {where} {reason}."
        return Finding("importance", "note", summary, {"trials": tried, "share": compared.share}, source=source)
    told = [f"{row.name} {row.estimate:.2f} ({row.low:.2f} to {row.high:.2f})" for row in rows if row.is_told]
    unclear = [row.name for row in rows if not row.is_told]
    parts = [f"Of the variance of the ranks of {where}, this share goes with {'; with '.join(told)}."] if told else []
    if unclear:
        among = "" if told else f" by {where}"
        parts.append(f"Of {_listed(unclear)} it is not told{among}: the interval reaches 0.")
    evidence: dict[str, Any] = {"trials": tried, "share": compared.share}
    evidence |= {row.name: {"estimate": row.estimate, "low": row.low, "high": row.high} for row in rows}
    verdicts = {True: "matters", False: "not told"}
    shares = Shares("Importance of the settings searched", f"share of the variance of the ranks of {where}",
                    tuple(Interval(row.name, row.estimate, row.low, row.high, verdicts[row.is_told]) for row in rows)
                    )  # fmt: skip
    return Finding("importance", "note", " ".join(parts), evidence, source=source, figures=(shares,))


def _where_compared(compared: Compared, found: int) -> str:
    """`13 trials at 25 % of a training`, `12 of 20 trials at their ends`."""
    tried = len(compared.trials)
    of = f"{tried} trials" if tried == found else f"{tried} of {found} trials"
    return (
        f"{of} at {'their ends' if compared.share == 1 else f'{compared.share:.0%} of a training'.replace('%', ' %')}"
    )


def tell_winner(tuned: Tuned, metric: str) -> Finding:
    """The answer: which settings stay, and what they gain where nothing was chosen on."""
    source = (
        "Bouthillier et al. 2021 (arXiv:2103.03098): paired seeds; Cawley & Talbot 2010: a selection flatters itself"
    )
    if tuned.winner is None:
        own = settings_text(settings_of(tuned.own, tuned.found[0].settings)) if tuned.found else "as they are"
        return Finding("tuned", "note", f"Nothing was trained to its end; the recipe's own settings ({own}) stay.",
                       source=source)  # fmt: skip
    settings = settings_text(tuned.winner.settings)
    if tuned.gain is None and tuned.winner.settings == settings_of(tuned.own, tuned.winner.settings):
        return _tell_own(tuned, settings, metric, source)
    if tuned.gain is None:
        summary = (
            f"Best of {len(tuned.found)} settings on one seed: {settings}, {metric} {tuned.winner.value:.4f}. What "
            "that gains on fresh seeds was not measured."
        )
        return Finding("tuned", "note", summary, {"best": dict(tuned.winner.settings)}, source=source)
    gain = tuned.gain
    flattered = tuned.winner.value - next(iter(tuned.first)).value
    better = gain.sign * flattered
    edges = _edges(tuned)
    further = "".join(f" {name} lies at the edge of what was searched: look {where} it too."
                      for name, where in edges.items())  # fmt: skip
    flattery = f" In the search itself it was {flattered:+.4f}: the best of many draws flatters itself."
    summary = (
        f"{gain_text(gain, metric, of=f'Best of {len(tuned.found)} settings, {settings}')}"
        f"{flattery if better > max(0.0, gain.sign * gain.estimate) else ''}{further}"
    )
    evidence = {
        "best": dict(tuned.winner.settings), "own": settings_of(tuned.own, tuned.winner.settings),
        "metric": metric, **plain_gain(gain), "gain_in_search": flattered, "edges": edges,
        "kept": "winner" if gain.is_better else "own",
        **plain_score(tuned.score),
    }  # fmt: skip
    figure = Forest("Gain over the recipe's own settings, on fresh seeds and examples kept back",
                    f"difference of {metric}",
                    (Interval("tuned", gain.estimate, gain.low, gain.high, gain.verdict),))  # fmt: skip
    return Finding("tuned", "note", summary, evidence, source=source, figures=(figure,))


def _tell_own(tuned: Tuned, settings: str, metric: str, source: str) -> Finding:
    """Nothing beat what the recipe came with."""
    score, evidence = (
        tuned.own_reached,
        {"best": dict(tuned.winner.settings) if tuned.winner else {}, "metric": metric, "kept": "own"},
    )
    reached = "" if score is None else f" {reached_text(score, metric)}."
    summary = f"The recipe's own settings did best of {len(tuned.found)} ({settings}); they stay.{reached}"
    return Finding("tuned", "note", summary, {**evidence, **plain_score(score)}, source=source)


def _edges(tuned: Tuned) -> dict[str, str]:
    """Where the first round's bounds may have been too narrow; not where the bracket has looked beyond them."""
    if not tuned.rounds or tuned.winner is None:
        return {}
    edges = at_the_edge(tuned.rounds[0].space, tuned.winner)
    if tuned.tested is not None and edges.get("learning_rate") == "above":
        del edges["learning_rate"]
    return edges


def _finalists_text(tuned: Tuned, number: int, metric: str) -> str:
    one = tuned.rounds[number]
    if one.finalists is None:
        return "There was no time to train the best few on fresh seeds."
    few = one.finalists
    means = ", ".join(f"{mean:.4f}" if math.isfinite(mean) else "diverged" for mean in few.means)
    told = f"The best {len(one.few)} on {few.seeds} fresh seeds: {metric} {means}"
    if sum(map(math.isfinite, few.means)) < 2:
        return f"{told}."
    if few.spread <= few.half_width:
        end = "; a narrower search would chase luck" if tuned.plan.rounds > 1 and few.within_noise else ""
        return f"{told}: no further apart than luck makes them ({few.half_width:.4f}){end}."
    return f"{told}: {few.spread:.4f} apart, where luck makes {few.half_width:.4f}."


def _trials_table(tuned: Tuned, number: int, metric: str) -> Table:
    one = tuned.rounds[number]
    before = sum(len(each.found) for each in tuned.rounds[:number])
    rows = [*(tuned.first if not number else ()), *one.found]
    first = len(tuned.first) + before if number else 0
    return Table(
        "Settings tried", ("trial", *one.space, metric, "part of a training", ""),
        tuple((str(first + place + 1), *(value_text(row.settings.get(name, "")) for name in one.space),
               "-" if row.diverged else f"{row.value:.4f}", f"{row.share:.0%}", fate_of(row))
              for place, row in enumerate(rows)),
    )  # fmt: skip


def _score(one: Any) -> str:
    if one.diverged:
        return "diverged"
    return f"{one.value:.4f}{', stopped early' if one.pruned else ''}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
