"""The report page: one HTML file that needs nothing else, neither a server nor the network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from os import PathLike
from pathlib import Path
from typing import Any

from markupsafe import Markup

from assay.figure import Bars, Figure, Forest, Lines, Matrix
from assay.finding import Finding
from assay.report import wording
from assay.report.atomic import write_atomically
from assay.report.evidence import evidence_html
from assay.report.figures import describe, draw, verdict_kind
from assay.report.headline import facts, headline, tally, verdict_parts
from assay.report.score_strip import score_strip, trick_strip
from assay.report.story import RunStory, Score, StageStory

TEMPLATES = Path(__file__).parent / "templates"
NOTES_SHOWN = 2
MOST_STRETCH = 1.7
GATES = ("inspect", "verify")
"""Stages whose silence is news: they looked for faults and found none."""


@dataclass(frozen=True)
class StageView:
    """What the template needs of one stage: `light` is its colour in the table of contents."""

    story: StageStory
    tally: str
    searched: bool
    light: str
    alerts: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    figures: tuple[Figure, ...]


def write_html(story: RunStory, path: str | PathLike[str]) -> Path:
    """Write the page to `path`, whole or not at all, and return the path."""
    target = Path(path)
    write_atomically(target, render_html(story))
    return target


def render_html(story: RunStory) -> str:
    """The page as text, about 5 MB, nearly all of it the drawing library."""
    from plotly.offline import get_plotlyjs

    # what is trusted goes in last and by name, so that no text of the user's can pull it in twice
    page = _environment().get_template("report.html.j2").render(_context(story))
    return page.replace("<!--plotly-->", f"<script>{get_plotlyjs()}</script>", 1)


def figures_html(figures: Sequence[Figure]) -> Markup:
    """Charts in pairs, an odd one first and alone over the whole width; pictures and tables alone."""
    rows: list[Markup] = []
    for is_chart, run in groupby(figures, key=lambda figure: isinstance(figure, (Lines, Bars, Matrix))):
        alike = list(run)
        if not is_chart or len(alike) % 2 == 1:
            first = len(alike) if not is_chart else 1
            rows += [figure_html(figure) for figure in alike[:first]]
            alike = alike[first:]
        rows += [_pair_html(*pair) for pair in zip(alike[::2], alike[1::2], strict=True)]
    return Markup('<div class="figures">{}</div>').format(Markup("").join(rows)) if rows else Markup("")


def figure_html(figure: Figure) -> Markup:
    """A figure over the whole width, with its caption; a chart carries its data for the page's script."""
    return _framed(figure, draw(figure), wide=True)


def _pair_html(left: Figure, right: Figure) -> Markup:
    """Two charts side by side, as tall as the taller of them; one under the other if too unlike."""
    drawings = [draw(left), draw(right)]
    layouts = [drawing["layout"] for drawing in drawings if isinstance(drawing, dict)]
    heights = [layout["height"] for layout in layouts]
    alike = max(heights) <= MOST_STRETCH * min(heights)
    for layout in layouts if alike else ():
        layout["height"] = max(heights)
    framed = (_framed(figure, drawing, wide=not alike) for figure, drawing in zip((left, right), drawings, strict=True))
    return Markup("").join(framed)


def _framed(figure: Figure, drawing: dict[str, Any] | str, *, wide: bool) -> Markup:
    if isinstance(drawing, str):
        inner = Markup(drawing)
    else:
        height, told = drawing["layout"]["height"], describe(figure)
        inner = Markup(
            '<div class="plot" style="height:{}px" role="img" aria-label="{}">'
            '<script type="application/json">{}</script></div>'
        ).format(height, told, _script_json(drawing))
    kind = type(figure).__name__.lower() + (" wide" if wide else "")
    title = Markup('<figcaption class="title">{}</figcaption>').format(figure.title) if figure.title else ""
    return Markup('<figure class="figure {}">{}{}</figure>').format(kind, title, inner)


def inline(text: str) -> Markup:
    """Prose in which `backticks` set off code."""
    parts = re.split(r"`([^`]+)`", text)
    marked = (Markup("<code>{}</code>" if i % 2 else "{}").format(part) for i, part in enumerate(parts))
    return Markup("").join(marked)


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    written = ("score", "interval", "effect", "effect_interval", "metric_name", "effect_unit", "duration", "words")
    environment.globals.update({name: getattr(wording, name) for name in (*written, "times", "number", "count")})
    environment.globals.update(
        figures_html=figures_html,
        inline=inline,
        evidence_html=evidence_html,
        verdict_kind=verdict_kind,
        verdict_parts=verdict_parts,
    )
    return environment


def _context(story: RunStory) -> dict[str, Any]:
    return {
        "story": story,
        "headline": headline(story),
        "facts": facts(story),
        "told": _told(story),
        "metric": story.metric,
        "strip": score_strip(story),
        "tricks": trick_strip(story),
        "stages": [_stage_view(stage, story) for stage in story.ordered_stages],
        "seconds_in_stages": sum(stage.seconds for stage in story.stages),
        "versions": story.versions or _versions(),
        "style": Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        "script": Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),
        "notes_shown": NOTES_SHOWN,
    }


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
        searched=stage.status in ("done", "partial") and (stage.name in GATES or bool(report.findings)),
        light=light,
        alerts=tuple(finding for finding in findings if finding.is_alert),
        notes=tuple(finding for finding in findings if not finding.is_alert),
        figures=_not_in_table(stage.figures, story),
    )


def _not_in_table(figures: Sequence[Figure], story: RunStory) -> tuple[Figure, ...]:
    """Without forest plots that only repeat the table of tricks, which draws the same intervals."""
    told = {row.trick for row in story.tricks}
    repeated = [isinstance(f, Forest) and bool(told) and {row.label for row in f.rows} <= told for f in figures]
    return tuple(figure for figure, repeats in zip(figures, repeated, strict=True) if not repeats)


def _script_json(value: Any) -> Markup:
    """JSON that cannot end its script element: `<`, `>` and `&` are written as escapes."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


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
