"""Pictures near each other: candidates by coarse features, then aligned, then told from chance.

    candidates = the nearest by the first components, as they are or mirrored
    distance   = the least over 75 small moves of the one, and over the other and its mirror image

Moves are tried on candidates only, so they cost little; each picture is moved towards the other in turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from assay.audit.similar.chance import COPIES, FALSE_SHARE, ClosePairs, pairs_nearer_than_chance
from assay.audit.similar.foresight import TooLong, foresee
from assay.audit.similar.neighbours import Neighbours, neighbour_blocks
from assay.audit.similar.picture_features import PictureFeatures, fit_picture_features
from assay.randomness import generator_for
from assay.saying import Say, silent

NEIGHBOURS, FEWEST, SHARE = 50, 20, 1 / 15
"""Of a small set no more than this share, 20 at least: farther ones are of other classes, not local."""
CANDIDATES = 200
COARSE = 64
"""Components: the fewer, the more a small move is borne."""
LEAST_PICTURES = 50
FITTED_ON = 20_000
PIECE = 4096


@dataclass(frozen=True, eq=False)
class NearPictures:
    """The nearest 50 of each picture, of small sets as few as 20; and the pairs nearer than chance."""

    neighbours: Neighbours
    pairs: ClosePairs


def find_near_pictures(
    miniatures: Float[Tensor, "n pixels"],
    shape: tuple[int, int, int],
    *,
    false_share: float = FALSE_SHARE,
    seconds: float = math.inf,
    seed: int = 0,
    say: Say = silent,
) -> NearPictures | TooLong:
    """The nearest pictures of each, and the pairs nearer than unrelated pictures of this set come by chance.

    Args:
        miniatures: of pictures that are neither flat nor equal to another one.
        shape: channels, height and width of a miniature.
        false_share: of the pairs found that may be false, in (0, 1).
        seconds: give up as soon as it is clear that more are needed.
        seed: chooses the pictures that features are fitted on, where there are more than 20,000.
    Raises:
        ValueError: there are fewer than 50 pictures: too few to tell what is usual.
    """
    if len(miniatures) < LEAST_PICTURES:
        raise ValueError(f"there must be at least {LEAST_PICTURES} pictures to tell near ones from chance, got "
                         f"{len(miniatures)}; compare so few by eye")  # fmt: skip
    chosen = torch.randperm(len(miniatures), generator=generator_for(seed, "picture features"))[:FITTED_ON]
    features = fit_picture_features(miniatures[chosen].float(), shape)
    sides = [_in_pieces(view, miniatures) for view in (features.describe, features.describe_mirrored)]
    neighbours = _neighbours(features, sides, foresee(seconds, say, "compares all images with all"))
    if isinstance(neighbours, TooLong):
        return neighbours
    kept = neighbours.indices.shape[1]
    pairs = pairs_nearer_than_chance(
        neighbours, copies=min(COPIES, kept // 5), false_share=false_share, borrow=kept < NEIGHBOURS
    )
    return NearPictures(neighbours, pairs)


def _in_pieces(describe: Callable[[Tensor], Tensor], miniatures: Tensor) -> Tensor:
    return torch.cat([describe(piece.float()) for piece in miniatures.split(PIECE)])


def _neighbours(
    features: PictureFeatures, sides: list[Tensor], too_long: Callable[[float], TooLong | None]
) -> Neighbours | TooLong:
    """The nearest of each picture once its candidates are aligned; or how long that would take."""
    n = len(sides[0])
    coarse = torch.stack([F.normalize(side[:, :COARSE], dim=1) for side in sides])
    kept = min(NEIGHBOURS, max(FEWEST, round(SHARE * n)), n - 1)
    # Filled in place: small results between large, passing ones would keep gigabytes from being given back.
    found = Neighbours(torch.empty(n, kept, dtype=torch.int64), torch.empty(n, kept))
    done = 0
    for candidates in neighbour_blocks(coarse, k=min(CANDIDATES, n - 1)):
        rows = slice(done, done + len(candidates.indices))
        nearest = _aligned(features, sides, rows, candidates.indices)
        found.indices[rows], found.distances[rows] = (values[:, :kept] for values in nearest)
        done = rows.stop
        if given_up := too_long(done / n):
            return given_up
    return found


def _aligned(features: PictureFeatures, sides: list[Tensor], rows: slice, candidates: Tensor) -> tuple[Tensor, Tensor]:
    """Candidates of these rows, nearest first once each is aligned, and their distances."""
    views = features.move(sides[0][rows])
    cosines = [torch.bmm(views, side[candidates].transpose(1, 2)).amax(1) for side in sides]
    distances, order = (2 - 2 * torch.maximum(*cosines)).clamp(min=0).sqrt().sort(dim=1, stable=True)
    return candidates.gather(1, order), distances
