"""Programs of two networks that are right, as drawn: each kind is asked for by name."""

from __future__ import annotations

import random

from faults.look_alike import LookAlike
from faults.parts import Parts
from faults.planted import AUTOENCODERS, TWO_NETWORKS


def as_drawn(parts: Parts, chance: random.Random) -> Parts:
    return parts


LOOK_ALIKES = (
    LookAlike("contrastive_views", "a loss over the whole batch that never looks at labels", as_drawn, (TWO_NETWORKS,),
              needs=frozenset({"contrastive"})),
    LookAlike("twins_on_pairs", "two inputs, one network", as_drawn, (TWO_NETWORKS,), needs=frozenset({"siamese"})),
    LookAlike("distillation", "a frozen teacher inside the model", as_drawn, (TWO_NETWORKS,),
              needs=frozenset({"distillation"})),
    LookAlike("adversaries", "a critic that works against the generator", as_drawn, (TWO_NETWORKS,),
              needs=frozenset({"adversarial"})),
    LookAlike("denoising", "inputs are noisy and targets are not", as_drawn, (AUTOENCODERS,),
              needs=frozenset({"denoising"})),
    LookAlike("variational", "outputs are a tuple, and training draws the code", as_drawn, (AUTOENCODERS,),
              needs=frozenset({"variational"})),
)  # fmt: skip
