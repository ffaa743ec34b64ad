import pytest
import torch

from assay.models.recurrent import Recurrent
from assay.network import build_model
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.spectral_radius import SpectralRadius, sparse_weights


@pytest.mark.parametrize("connections", [1, 3, 20])
def test_each_unit_hears_a_few_and_the_radius_is_that_asked_for(connections):
    with scoped_seed(0, "weights"):
        weights = sparse_weights(20, connections=connections, radius=1.2)
    assert (weights != 0).sum(1).tolist() == [connections] * 20
    # The power method, with the square against signs that alternate and pairs that rotate: |W^n|^(1/n) -> radius.
    # In float64, off by a constant to the power 1 / n.
    grown = torch.linalg.matrix_power(weights.double(), 1024)
    assert torch.linalg.matrix_norm(grown, 2).item() ** (1 / 1024) == pytest.approx(1.2, rel=0.01)


def test_every_layers_weights_from_state_to_state_and_no_others_change(tiny_images):
    recipe = Recipe(model=Recurrent("rnn", 16, 2))
    plain, sparse = (
        build_model(stack, tiny_images.specification, seed=0).state_dict()
        for stack in (recipe, recipe | SpectralRadius(connections=4))
    )
    changed = {name for name, value in sparse.items() if not torch.equal(value, plain[name])}
    assert changed == {"memory.weight_hh_l0", "memory.weight_hh_l1"}
    radius = torch.linalg.eigvals(sparse["memory.weight_hh_l1"]).abs().max().item()
    assert radius == pytest.approx(1.2, rel=1e-4)


def test_refusals():
    with pytest.raises(RecipeError, match="SpectralRadius needs a Recurrent network of rnn cells; this recipe has"):
        Recipe(model=Recurrent()) | SpectralRadius()
    with pytest.raises(RecipeError, match="SpectralRadius needs a width of at least its 15 connections; this recipe"):
        Recipe(model=Recurrent("rnn", 8)) | SpectralRadius()
    with pytest.raises(ValueError, match=r"radius must be finite and above 0, got 0; the usual value is 1.2"):
        SpectralRadius(0)
    with pytest.raises(ValueError, match="connections must be at least 1, got 0; the usual value is 15"):
        SpectralRadius(connections=0)
