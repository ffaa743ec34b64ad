"""Which tricks may stand beside a norm on weights: what a layer stores is then no longer what it uses.

    SpectralNorm, WeightStandardisation    weight = computed(stored)

Setting sizes of stored weights has no effect on the computed ones, so such tricks and these norms refuse each
other. Drawing the stored weights anew is right: the network's edits do it before a norm begins from them.
"""

from __future__ import annotations

from assay.recipe import Recipe, Trick

SIZES = ("norms of units", "limits of weights", "first sizes of weights")
"""Claims of MaxNorm, WeightClip and LayerSequentialInit, each of whom may stand beside the others."""


def claim_weight_norm(recipe: Recipe, trick: Trick) -> Recipe:
    """For norms on weights.

    Raises:
        RecipeError: another is there, or a trick that sets sizes of what is stored; names both.
    """
    return recipe.claim(trick, "weight_norm", *SIZES)
