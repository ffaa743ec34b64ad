"""What the ablation says of tricks, in words: of one its verdict, of all a sentence."""

from __future__ import annotations

from assay.ablation.wording import CLEAR_ALONE, leaves_out_zero
from assay.report.story import RunStory, TrickRow
from assay.report.wording import count, effect, is_number, words


def verdict_parts(row: TrickRow, metric: str) -> tuple[str, str]:
    """A trick's verdict and, where no effect was measurable, which effect would have been seen.

    Of one whose own interval leaves out 0 the latter would be a riddle: it was seen, and is too little among so many.
    """
    verdict, _, detail = row.verdict.rstrip(")").partition(" (")
    is_unclear = verdict.startswith("no measurable effect")
    if not detail and is_unclear and leaves_out_zero(row.low, row.high):
        return verdict, CLEAR_ALONE
    if not detail and is_unclear and row.detectable is not None and is_number(row.detectable):
        unit = " points" if metric == "accuracy" else ""
        detail = f"would have seen \N{GREATER-THAN OR EQUAL TO} {effect(metric, row.detectable).lstrip('+')}{unit}"
    return verdict, detail


def verdict_text(row: TrickRow, metric: str) -> str:
    """Both parts in one line."""
    verdict, detail = verdict_parts(row, metric)
    return f"{verdict} ({detail})" if detail else verdict


def is_study(story: RunStory) -> bool:
    """Whether the page is of an ablation alone, whose tricks are its headline."""
    is_alone = [stage.name for stage in story.stages] == ["ablate"]
    return is_alone and story.stages[0].report.ok and bool(tricks_sentence(story))


def tricks_sentence(story: RunStory) -> str:
    """How many paid, hurt and had no measurable effect, the first few of them by name; empty if none was tried."""
    tried = len(story.best_tricks_first)
    if not tried:
        return ""
    helps, hurts = _with_verdict(story, "helps"), _with_verdict(story, "hurts")[::-1]
    unclear = tried - len(helps) - len(hurts)
    if unclear == tried:
        return (
            f"None of {tried} tricks had a measurable effect."
            if tried > 1
            else "The one trick tried had no measurable effect."
        )
    parts = [f"{len(helps) or 'None'} of {count(tried, 'trick')} paid{_listed(helps, story.effect_metric)}"]
    if hurts:
        parts.append(f"{len(hurts)} hurt{_listed(hurts, story.effect_metric)}")
    if unclear:
        parts.append(f"{unclear} had no measurable effect")
    return "; ".join(parts) + "."


def _with_verdict(story: RunStory, verdict: str) -> list[TrickRow]:
    return [row for row in story.best_tricks_first if row.verdict.startswith(verdict)]


def _listed(rows: list[TrickRow], metric: str) -> str:
    if not rows:
        return ""
    named = ", ".join(f"{words(row.trick).removesuffix('()')} {effect(metric, row.effect)}" for row in rows[:3])
    unit = " points" if metric == "accuracy" else ""
    return f" ({named}{unit}{', ...' if len(rows) > 3 else ''})"
