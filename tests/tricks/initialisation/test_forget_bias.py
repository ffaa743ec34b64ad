import pytest
import torch

from assay.models.mlp import MLP
from assay.models.recurrent import Recurrent
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.forget_bias import ForgetBias


def test_only_the_forget_gates_biases_change(tiny_images):
    recipe = Recipe(model=Recurrent(width=3, layers=2))
    plain, remembering = (
        build_model(stack, tiny_images.specification, seed=0).memory for stack in (recipe, recipe | ForgetBias())
    )
    for layer in (0, 1):
        own, state = (getattr(remembering, f"bias_{kind}_l{layer}") for kind in ("ih", "hh"))
        assert torch.equal((own + state)[3:6], torch.ones(3))
        assert torch.equal(own[:3], getattr(plain, f"bias_ih_l{layer}")[:3])
        assert torch.equal(own[6:], getattr(plain, f"bias_ih_l{layer}")[6:])
    assert torch.equal(remembering.weight_ih_l0, plain.weight_ih_l0)


def test_a_large_bias_remembers_what_the_state_was(tiny_images):
    """The second gate is the forget gate: with it wide open the cell's state is carried over whole."""
    (edit,) = (Recipe(model=Recurrent(width=3)) | ForgetBias(50.0)).model_edits
    memory = edit(Recurrent(width=3).build((4,), 2), tiny_images.specification).memory
    with torch.no_grad():
        memory.bias_ih_l0[:3] = -50.0
    cell = torch.tensor([[[1.0, -2.0, 3.0]]])
    _, (_, after) = memory(torch.randn(1, 4, 1), (torch.zeros(1, 1, 3), cell))
    torch.testing.assert_close(after, cell)


@pytest.mark.parametrize("model", [MLP(), Recurrent("gru")])
def test_other_networks_are_refused(model):
    with pytest.raises(RecipeError, match="ForgetBias needs a Recurrent network of LSTM cells; this recipe has"):
        Recipe(model=model) | ForgetBias()


def test_negative_biases_are_refused():
    with pytest.raises(ValueError, match="value must be finite and at least 0, got -1; 1 is usual"):
        ForgetBias(-1)
