"""Pictures near each other: candidates by coarse features, then aligned, then told from chance.

    candidates = the nearest by the first components, as they are or mirrored
    distance   = the least over 75 small moves of the one, and over the other and its mirror image

Moves are tried on candidates only, so they cost little; each picture is moved towards the other in turn.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from assay.audit.similar.chance import COPIES, FALSE_SHARE, ClosePairs, pairs_nearer_than_chance
from assay.audit.similar.neighbours import Neighbours, nearest_neighbours
from assay.audit.similar.picture_features import PictureFeatures, fit_picture_features
from assay.randomness import generator_for

NEIGHBOURS = 50
CANDIDATES = 200
COARSE = 64
"""Components: the fewer, the more a small move is borne."""
LEAST_PICTURES = 50
FITTED_ON = 20_000
PIECE = 256


def find_near_pictures(
    miniatures: Float[Tensor, "n pixels"],
    shape: tuple[int, int, int],
    *,
    false_share: float = FALSE_SHARE,
    seed: int = 0,
) -> ClosePairs:
    """Pairs of pictures nearer than unrelated pictures of this set come by chance.

    Args:
        miniatures: of pictures that are neither flat nor equal to another one.
        shape: channels, height and width of a miniature.
        false_share: of the pairs found that may be false, in (0, 1).
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
    coarse = torch.stack([F.normalize(side[:, :COARSE], dim=1) for side in sides])
    candidates = nearest_neighbours(coarse, k=min(CANDIDATES, len(miniatures) - 1))
    neighbours = _aligned(features, sides, candidates)
    copies = min(COPIES, neighbours.indices.shape[1] // 5)
    return pairs_nearer_than_chance(neighbours, copies=copies, false_share=false_share)


def _in_pieces(describe: Callable[[Tensor], Tensor], miniatures: Tensor) -> Tensor:
    return torch.cat([describe(piece.float()) for piece in miniatures.split(16 * PIECE)])


def _aligned(features: PictureFeatures, sides: list[Tensor], candidates: Neighbours) -> Neighbours:
    """The nearest of the candidates once each is aligned, nearest first."""
    kept = min(NEIGHBOURS, candidates.indices.shape[1])
    parts = []
    for piece, indices in zip(sides[0].split(PIECE), candidates.indices.split(PIECE), strict=True):
        views = features.move(piece)
        cosines = [torch.bmm(views, side[indices].transpose(1, 2)).amax(1) for side in sides]
        distances = (2 - 2 * torch.maximum(*cosines)).clamp(min=0).sqrt()
        distances, order = distances.sort(dim=1, stable=True)
        parts.append((indices.gather(1, order[:, :kept]), distances[:, :kept]))
    indices, distances = (torch.cat(part) for part in zip(*parts, strict=True))
    return Neighbours(indices, distances)
