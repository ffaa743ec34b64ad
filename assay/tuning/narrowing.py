"""Narrow and repeat: the next round looks where the best of this one lie.

    new bounds = the best fifth of the trials on each dimension's scale, with a tenth of the old width on either side

No round is narrower than a third of the one before, since a few good draws lie close together by luck too.

Source: Goodfellow et al. 2016, section 11.4.3 (repeat the search around the best); rules H78 and H79.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.tuning.searched import Searched, best_first
from assay.tuning.space import Choice, Dimension, Space, is_inside

BEST, FEWEST, MARGIN, NARROWEST = 0.2, 3, 0.1, 1 / 3
"""Our choices, as told above; of fewer than three, the span they cover says nothing."""

EDGE = 0.1
"""As wide as the margin: of a best so near to an end, the next round would look beyond it if it could."""


def narrow(space: Space, found: Sequence[Searched]) -> Space:
    """The space around the best of these trials; as it is where fewer than three were trained to their end."""
    inside = [one for one in found if is_inside(space, one.settings)]
    best = best_first(inside)[: max(FEWEST, math.ceil(BEST * len(inside)))]
    if len(best) < FEWEST:
        return space
    return {name: _around(dimension, [one.settings[name] for one in best]) for name, dimension in space.items()}


def _around(dimension: Dimension, values: Sequence[float]) -> Dimension:
    if isinstance(dimension, Choice):
        left = tuple(value for value in dimension.values if value in values)
        return Choice(left) if len(left) > 1 else dimension
    shares = [dimension.share_of(value) for value in values]
    low, high = min(shares) - MARGIN, max(shares) + MARGIN
    missing = max(0.0, NARROWEST - (high - low)) / 2
    return dimension.narrowed(low - missing, high + missing)


def at_the_edge(space: Space, best: Searched) -> dict[str, str]:
    """Spans near whose end the best lies, with that end: `below` or `above` may be better still."""
    shares = {name: one.share_of(best.settings[name]) for name, one in space.items() if not isinstance(one, Choice)}
    return {name: "below" if share < EDGE else "above" for name, share in shares.items()
            if share < EDGE or share > 1 - EDGE}  # fmt: skip
