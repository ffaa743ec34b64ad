"""Tricks as one text: refused with what to write, where its letters were taken for names of tricks."""

from __future__ import annotations

import re

import pytest

import assay
from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.recipe import Recipe


@pytest.mark.parametrize("text", ["EMA", "Mixup(alpha=0.2)", ""])
def test_a_bare_text_is_refused(text: str, tiny_images: Data) -> None:
    told = re.escape(f"tricks must be several, as in a list, got the text {text!r}; write tricks=[{text!r}]")
    with pytest.raises(InputError, match=told):
        assay.ablate(Recipe(model=MLP((8,))), tiny_images, text)
