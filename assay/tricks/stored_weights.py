"""Which tricks may stand beside a norm on weights: what a layer stores is then no longer what it uses.

    SpectralNorm, WeightStandardisation    weight = computed(stored)

Setting sizes of stored weights has no effect on the computed ones, so such tricks and these norms refuse each
other. Drawing the stored weights anew is right before SpectralNorm, which begins from the ones it finds: such a norm
says so by `claim_found_weights`.
"""

from __future__ import annotations

from assay.recipe import Recipe, Trick

SIZES = ("norms of units", "limits of weights", "first sizes of weights")
"""Claims of MaxNorm, WeightClip and LayerSequentialInit, each of whom may stand beside the others."""

FOUND = "weights that a norm on weights finds"


def claim_weight_norm(recipe: Recipe, trick: Trick) -> Recipe:
    """For norms on weights.

    Raises:
        RecipeError: another is there, or a trick that sets sizes of what is stored; names both.
    """
    return recipe.claim(trick, "weight_norm", *SIZES)


def claim_found_weights(recipe: Recipe, trick: Trick) -> Recipe:
    """For norms on weights that begin from the weights they find: whoever draws them must have been before.

    Raises:
        RecipeError: as for other norms on weights.
    """
    return claim_weight_norm(recipe, trick).claim(trick, FOUND)


def claim_first_weights(recipe: Recipe, trick: Trick) -> Recipe:
    """For tricks that draw weights.

    Raises:
        RecipeError: another one does, or a norm on weights has already begun from those that are drawn over.
    """
    norm = recipe.holder(FOUND)
    recipe.require(norm is None, trick, f"its place before {norm}, which begins from the weights it finds")
    return recipe.claim(trick, "first weights")
