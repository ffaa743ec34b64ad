"""Published settings for the critic of a generative adversarial network.

The game of two players is the user's own loop: these are its critic's optimiser and bounds, as a recipe whose
parts it can take (`recipe.optimizer.build(...)`, `recipe.weight_edits`).
"""

from __future__ import annotations

from assay.optimizers import Adam
from assay.presets.preset import Preset
from assay.recipe import Recipe
from assay.tricks.optimizer.rmsprop import RMSProp
from assay.tricks.weights.weight_clip import WeightClip

OWN_LOOP = (
    "it holds a critic's optimiser and bounds, and a game of two players has no loss on labels; take its parts in a "
    "loop of your own, as in `assay.presets.catalog.find_preset('NAME').recipe.optimizer.build(groups)`"
)
GAME = "the critic's side only: its five steps for one of the generator, and the generator itself, are the user's loop"

ADVERSARIAL: tuple[Preset, ...] = (
    Preset("wgan", Recipe(batch_size=64) | RMSProp(5e-5) | WeightClip(0.01), "qualitative",
           "Arjovsky et al. 2017 (arXiv:1701.07875)",
           (GAME, "100 critic steps in the first 25 and in every 500th generator step are the user's loop too"),
           "images to generate", OWN_LOOP),
    Preset("wgan-gp", Recipe(optimizer=Adam(1e-4, momentum=0.5, second_moment=0.9), batch_size=64), "qualitative",
           "Gulrajani et al. 2017 (arXiv:1704.00028)",
           (GAME, "the gradient penalty between real and generated images (weight 10) is the user's loop"),
           "images to generate", OWN_LOOP),
)  # fmt: skip
