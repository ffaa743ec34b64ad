"""Words to take along, with a button that copies them."""

from __future__ import annotations

from markupsafe import Markup

from assay.figure import Passage


def passage_html(figure: Passage) -> Markup:
    """A box with the words as they are; the page's script serves its button."""
    kind = "code" if figure.is_code else "prose"
    return Markup(
        '<div class="words {}"><button type="button" data-copies aria-label="Copy: {}">Copy</button>'
        '<pre tabindex="0">{}</pre></div>'
    ).format(kind, figure.title, figure.text)
