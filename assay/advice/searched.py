"""What a tuning tried, whether it was a stage of a whole run, `assay tune` or the disciplined approach."""

from __future__ import annotations

from dataclasses import dataclass

from assay.advice.measurements import Measurements

RATE = "learning_rate"


@dataclass(frozen=True)
class SearchRead:
    """trials: all settings tried; draws: those that the search drew, of this kind; rate: the best one, if searched.

    upper: the end above which no rate was looked at; None where rates were raised until they did worse.
    of_rate: whether a learning rate was chosen at all.
    """

    summary: str
    trials: int
    draws: int
    kind: str
    rate: float | None
    upper: float | None
    of_rate: bool

    def at_upper_end(self, within: float) -> bool:
        """Whether the best rate times this reaches the upper end."""
        return self.rate is not None and self.upper is not None and self.rate * within >= self.upper


def read_search(m: Measurements) -> SearchRead | None:
    """The tuning with the most to tell; None where there was none."""
    return _of_tuning(m) or _of_stage(m) or _of_discipline(m)


def _of_stage(m: Measurements) -> SearchRead | None:
    """That of a whole run: random draws between the bounds of the range test."""
    found, bounds = m.find("tune.hyperparameters"), m.find("tune.learning_rate_range")
    if found is None:
        return None
    trials = int(found.evidence["trials"])
    rate = float(found.evidence.get("best", {}).get(RATE, 0.0))
    upper = None if bounds is None else float(bounds.evidence["high"])
    return SearchRead(found.summary, trials, max(0, trials - 1), "random", rate, upper, of_rate=True)


def _of_tuning(m: Measurements) -> SearchRead | None:
    """That of `assay tune`."""
    tuned = m.find("tune.tuned")
    if tuned is None:
        return None
    rounds = [one for name, one in m.findings.items() if name.startswith("tune.search_round_")]
    draws = sum(int(one.evidence["trials"]) for one in rounds)
    kinds = {_kind(one.source) for one in rounds}
    bracket = m.find("tune.learning_rate_bracket")
    bracketed = 0 if bracket is None else len(bracket.evidence["rates"])
    best = tuned.evidence.get("best", {})
    rate = float(best[RATE]) if RATE in best else None
    upper = rate if tuned.evidence.get("edges", {}).get(RATE) == "above" else None
    kind = kinds.pop() if len(kinds) == 1 else "proposed"
    return SearchRead(tuned.summary, 1 + bracketed + draws, draws, kind, rate, upper, of_rate=bracket is not None)


def _of_discipline(m: Measurements) -> SearchRead | None:
    """Smith's: the rate by a range test, the rest by a few values each."""
    done, decays, momenta = m.find("tune.discipline"), m.find("tune.weight_decay"), m.find("tune.momentum")
    if done is None:
        return None
    tried = sum(len(one.evidence["values"]) for one in (decays, momenta) if one is not None)
    return SearchRead(done.summary, tried, tried, "chosen", None, None, of_rate=True)


def _kind(source: str) -> str:
    """In a word, from the source that the search names."""
    words = {"random search": "random", "grid": "grid", "Parzen": "TPE", "CMA-ES": "CMA-ES"}
    return next((kind for word, kind in words.items() if word in source), "proposed")
