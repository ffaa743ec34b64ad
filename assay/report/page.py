"""The report page: one HTML file that needs nothing else, neither a server nor the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from markupsafe import Markup

from assay.figure import Figure, Forest
from assay.report.facts import facts
from assay.report.findings import TEMPLATES, Told, environment, sort_findings
from assay.report.headline import headline
from assay.report.score_strip import score_strip, trick_strip
from assay.report.story import LOWER_IS_BETTER, RunStory, Score, StageStory
from assay.report.tally import GATES, tally
from assay.whole_file import write_whole


@dataclass(frozen=True)
class StageView:
    """What the template needs of one stage: `light` is its colour in the table of contents."""

    story: StageStory
    tally: str
    searched: bool
    light: str
    told: Told
    figures: tuple[Figure, ...]


def write_html(story: RunStory, path: str | PathLike[str]) -> Path:
    """Write the page to `path`, whole or not at all, and return the path."""
    target = Path(path)
    write_whole(target, render_html(story))
    return target


def render_html(story: RunStory) -> str:
    """The page as text, about 5 MB, nearly all of it the drawing library."""
    from plotly.offline import get_plotlyjs

    # what is trusted goes in last and by name, so that no text of the user's can pull it in twice
    page = environment().get_template("report.html.j2").render(_context(story))
    return page.replace("<!--plotly-->", f"<script>{get_plotlyjs()}</script>", 1)


def _context(story: RunStory) -> dict[str, Any]:
    return {
        "story": story,
        "headline": headline(story),
        "facts": facts(story),
        "told": _told(story),
        "metric": story.metric,
        "effect_metric": story.effect_metric,
        "lower_is_better": LOWER_IS_BETTER,
        "strip": score_strip(story),
        "tricks": trick_strip(story),
        "stages": [_stage_view(stage, story) for stage in story.ordered_stages],
        "seconds_in_stages": sum(stage.seconds for stage in story.stages),
        "versions": story.versions or _versions(),
        "style": _read("report.css", "findings.css"),
        "script": _read("charts.js", "report.js"),
    }


def _read(*names: str) -> Markup:
    """Files of the page, one after the other."""
    return Markup("\n").join(Markup((TEMPLATES / name).read_text(encoding="utf-8")) for name in names)


def _told(story: RunStory) -> tuple[str, Score] | None:
    """The score to show largest, and the split that it is of."""
    if story.test is not None:
        return "test", story.test
    return None if story.validation is None else ("validation", story.validation)


def _stage_view(stage: StageStory, story: RunStory) -> StageView:
    report = stage.report
    findings = tuple(replace(finding, figures=_not_in_table(finding.figures, story)) for finding in report.findings)
    levels = {finding.level for finding in report.findings}
    light = next((level for level in ("proved", "suspect") if level in levels), stage.status)
    return StageView(
        story=stage,
        tally=tally(stage),
        searched=stage.status in ("done", "partial") and stage.name in GATES,
        light=light,
        told=sort_findings(replace(report, findings=findings)),
        figures=_not_in_table(stage.figures, story),
    )


def _not_in_table(figures: Sequence[Figure], story: RunStory) -> tuple[Figure, ...]:
    """Without forest plots that only repeat the table of tricks, which draws the same intervals."""
    told = {row.trick for row in story.tricks}
    repeated = [isinstance(f, Forest) and bool(told) and {row.label for row in f.rows} <= told for f in figures]
    return tuple(figure for figure, repeats in zip(figures, repeated, strict=True) if not repeats)


def _versions() -> tuple[tuple[str, str], ...]:
    """Of the packages that decide a result, as installed here."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = [("Python", platform.python_version())]
    for package in ("assay-train", "torch", "numpy", "scikit-learn"):
        try:
            found.append((package.removesuffix("-train"), version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)
