import inspect

import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.recurrent import LastStep, Recurrent, Steps
from assay.optimizers import SGD
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.recipe_toml import recipe_from_toml, recipe_to_toml


def test_an_image_is_read_row_by_row():
    image = torch.arange(24.0).view(1, 2, 3, 4)
    steps = Steps(1)(image)
    assert steps.shape == (1, 3, 8)
    assert torch.equal(steps[0, 1], torch.cat([image[0, 0, 1], image[0, 1, 1]]))


def test_a_vector_is_read_in_chunks_filled_up_with_zeros():
    vector = torch.tensor([[1.0, 2.0, 3.0]])
    assert Steps(1)(vector).tolist() == [[[1.0], [2.0], [3.0]]]
    assert Steps(2)(vector).tolist() == [[[1.0, 2.0], [3.0, 0.0]]]


def test_the_answer_is_the_last_layers_last_output():
    outputs = torch.arange(12.0).view(1, 3, 4)
    assert torch.equal(LastStep()((outputs, torch.zeros(1))), outputs[:, 2])


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("shape", [(2, 5, 3), (7,)])
def test_it_answers_and_every_parameter_learns(cell, shape):
    with scoped_seed(0, "model"):
        model = Recurrent(cell, 6, 2, chunk=2).build(shape, 3)
        outputs = model(torch.randn(4, *shape))
    assert outputs.shape == (4, 3)
    outputs.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in model.parameters())


def test_the_simple_one_is_the_textbooks_recurrence():
    with scoped_seed(0, "model"):
        model = Recurrent("rnn", 4).build((3,), 2)
        vector = torch.randn(1, 3)
    memory, state = model.memory, torch.zeros(4)
    for value in vector[0]:
        state = torch.tanh(
            memory.weight_ih_l0[:, 0] * value + memory.bias_ih_l0 + memory.weight_hh_l0 @ state + memory.bias_hh_l0
        )
    torch.testing.assert_close(model(vector)[0], model.linear(state))


def test_dropout_acts_between_layers_and_before_the_last():
    one, two = Recurrent(dropout=0.5), Recurrent(layers=2, dropout=0.5)
    assert one.build((3,), 2).memory.dropout == 0.0
    assert two.build((3,), 2).memory.dropout == 0.5
    assert isinstance(one.build((3,), 2).dropout, nn.Dropout)


def test_a_recipe_with_it_reads_back_from_toml():
    recipe = Recipe(model=Recurrent("gru", 8, 2, 0.1, 4), optimizer=SGD())
    again = recipe_from_toml(recipe_to_toml(recipe))
    assert again == recipe
    assert again.key() == recipe.key()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "lmu"}, "cell must be one of 'lstm', 'gru', 'rnn', got 'lmu'"),
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"layers": 0}, "layers must be at least 1, got 0"),
        ({"chunk": 0}, "chunk must be at least 1, got 0"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), got 1.0; 0 turns it off"),
    ],
)
def test_bad_options_are_refused(options, message):
    """Without the type checker, which a user does not have."""
    made = object.__new__(Recurrent)
    for name, parameter in inspect.signature(Recurrent).parameters.items():
        object.__setattr__(made, name, options.get(name, parameter.default))
    with pytest.raises(ValueError, match=message):
        made.__post_init__()


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match=r"Recurrent needs images .* got inputs of shape \(3, 4\); use MLP"):
        Recurrent().build((3, 4), 2)
