"""A trick's card: its module's docstring, taken apart.

The docstring is the only place where a trick's formula, source and published effect are written; what its arguments
mean is in its class's own.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cache

from assay.tricks.meaning import Argument, arguments, expression

SECTIONS = ("Also", "Ends", "Source", "Measured", "Hurts")


@dataclass(frozen=True)
class Card:
    """What is known about one trick.

    name: as on the command line; slot: the place in training it changes; body: formula and remarks;
    ends: first and last value (schedules); published: the effect others measured, with data set;
    also: other names of it, split by commas; expression: the class with its defaults, as one writes it.
    """

    name: str
    slot: str
    summary: str
    body: str
    source: str
    published: str
    hurts: str
    ends: str = ""
    also: str = ""
    expression: str = ""
    arguments: tuple[Argument, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called: as on the command line, its class, and what else the field calls it."""
        return (self.name, self.expression.partition("(")[0], *filter(None, self.also.split(", ")))


@cache
def card(trick_class: type) -> Card:
    """Read a trick's card from the docstring of its module.

    Raises:
        ValueError: the module has no docstring, or no `Source:` in it, or an argument is not explained.
    """
    module = inspect.getmodule(trick_class)
    text = inspect.cleandoc(module.__doc__ or "") if module else ""
    summary, _, rest = text.partition("\n")
    body, sections = _split(rest)
    if module is None or not sections.get("Source"):
        raise ValueError(f"the module of {trick_class.__name__} must have a docstring with a line 'Source: ...'")
    *_, slot, stem = module.__name__.split(".")
    return Card(
        name=stem.replace("_", "-"),
        slot=slot,
        summary=summary,
        body=body.strip("\n"),
        source=sections["Source"],
        published=sections.get("Measured", ""),
        hurts=sections.get("Hurts", ""),
        ends=sections.get("Ends", ""),
        also=sections.get("Also", "").rstrip("."),
        expression=expression(trick_class),
        arguments=arguments(trick_class),
    )


def _split(text: str) -> tuple[str, dict[str, str]]:
    """The text before the first section, and each section's text in one line."""
    pieces = re.split(rf"^({'|'.join(SECTIONS)}):", text, flags=re.MULTILINE)
    names, contents = pieces[1::2], (" ".join(content.split()) for content in pieces[2::2])
    return pieces[0], dict(zip(names, contents, strict=True))
