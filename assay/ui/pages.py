"""Templates and what all of them know: the tabs, the reviewer, how far the reading is."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assay.ui.workspace import Workspace

HERE = Path(__file__).parent
REVIEWER = "assay-reviewer"
Answer = TypeVar("Answer", bound=Response)


class Tab(NamedTuple):
    """One tab: its address and what it is called."""

    path: str
    title: str


TABS = (
    Tab("/overview", "Overview"),
    Tab("/browse", "Browse"),
    Tab("/review", "Review"),
    Tab("/duplicates", "Duplicates"),
    Tab("/human", "Human baseline"),
    Tab("/runs", "Runs"),
)


def render(request: Request, workspace: Workspace, template: str, **values: Any) -> HTMLResponse:
    """A page or a piece of one."""
    known = {
        "tabs": TABS,
        "path": request.url.path,
        "workspace": workspace,
        "reviewer": reviewer_of(request, workspace),
        "asset": asset,
    }
    return HTMLResponse(templates().get_template(template).render({**known, **values}))


def reviewer_of(request: Request, workspace: Workspace) -> str:
    """Whose browser this is; as the command said until the reviewer gives a name."""
    return unquote(request.cookies.get(REVIEWER, "")).strip() or workspace.asked.reviewer


def remember_reviewer(answer: Answer, name: str) -> Answer:
    """Keep the reviewer's name in this browser for a year."""
    answer.set_cookie(REVIEWER, quote(name), max_age=365 * 24 * 3600, samesite="strict")
    return answer


def asset(name: str) -> str:
    """The address of a static file, which changes when it does, so that browsers may keep it."""
    return f"/static/{name}?{_digest(name)}"


def inline(text: str) -> Markup:
    """Prose in which `backticks` set off code."""
    parts = re.split(r"`([^`]+)`", text)
    marked = (Markup("<code>{}</code>" if i % 2 else "{}").format(part) for i, part in enumerate(parts))
    return Markup("").join(marked)


def breakable(name: str) -> Markup:
    """A column's name that a narrow place breaks after an underscore."""
    return Markup("_<wbr>").join(name.split("_"))


@cache
def _digest(name: str) -> str:
    return hashlib.blake2b((HERE / "static" / name).read_bytes(), digest_size=6).hexdigest()


@cache
def templates() -> Environment:
    """All templates; every value is escaped, and a missing one is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["inline"] = inline
    environment.filters["breakable"] = breakable
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment
