import math

import pytest
import torch
from optimizer_steps import example, walk
from torch import nn

from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.tricks.optimizer.adamw import UseAdamW
from assay.tricks.optimizer.muon import Muon, orthogonalise


def quintic(singular_value: float) -> float:
    for _ in range(5):
        a, b, c = 3.4445, -4.7750, 2.0315
        singular_value = a * singular_value + b * singular_value**3 + c * singular_value**5
    return singular_value


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (1, 6)])
def test_singular_values_go_through_the_quintic_and_directions_stay(shape: tuple[int, int]):
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(1)).double()
    u, s, v = torch.linalg.svd(matrix, full_matrices=False)
    mapped = torch.tensor([quintic(value) for value in (s / s.square().sum().sqrt()).tolist()])
    torch.testing.assert_close(orthogonalise(matrix), u @ torch.diag(mapped.double()) @ v)


def hidden_first(build):
    """Two matrices, so that the first is a hidden one."""
    return lambda groups: build([{"params": [*groups[0]["params"], nn.Parameter(torch.zeros(1, 1))]}])


@pytest.mark.parametrize("shape", [(3, 5), (6, 2)])
def test_agrees_with_pytorchs_muon_on_matrices(shape: tuple[int, int]):
    torchs = getattr(torch.optim, "Muon", None)
    if torchs is None:
        pytest.skip("this PyTorch has no Muon")
    start, gradients = example(*shape)
    settings = {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.3}
    expected = walk(lambda groups: torchs(groups, **settings), start, gradients)
    found = walk(hidden_first(Muon(0.1, 0.8, weight_decay=0.3).build), start, gradients)
    # PyTorch orthogonalises in bf16, which keeps three digits.
    torch.testing.assert_close(found, expected, rtol=0, atol=0.03)
    assert (found - start).abs().max() > 0.1


def test_a_convolution_is_a_matrix_of_one_row_per_output_channel():
    start, gradients = example(4, 2, 3, 3)
    flat = walk(hidden_first(Muon().build), start.flatten(1), [gradient.flatten(1) for gradient in gradients])
    assert torch.equal(walk(hidden_first(Muon().build), start, gradients).flatten(1), flat)


def test_the_output_layer_and_vectors_follow_adamw_at_the_others_rate():
    muon, adamw = Muon(0.1, weight_decay=0.3, others_factor=0.5), UseAdamW(0.05, weight_decay=0.3)
    for shape in ((3, 2), (4,)):
        start, gradients = example(*shape)
        torch.testing.assert_close(walk(muon, start, gradients), walk(adamw, start, gradients))


def test_every_parameter_has_one_group_and_keeps_its_settings():
    model = MLP((8, 8)).build((3,), 2)
    named = dict(model.named_parameters())
    vectors = [p for p in named.values() if p.ndim == 1]
    matrices = [p for p in named.values() if p.ndim == 2]
    groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = Muon(0.2, others_factor=0.5).build(groups)
    found = [(g["matrix"], len(g["params"]), g["lr"], g["weight_decay"]) for g in optimizer.param_groups]
    assert found == [(True, 2, 0.2, 0.01), (False, 1, 0.1, 0.01), (False, 3, 0.1, 0.0)]
    assert math.isclose(sum(p.numel() for g in optimizer.param_groups for p in g["params"]),
                        sum(p.numel() for p in named.values()))  # fmt: skip


def test_bad_values_are_refused():
    with pytest.raises(
        ValueError, match=r"others_factor must be finite and at least 0, got -1.0; the usual value is 0.01"
    ):
        Recipe() | Muon(others_factor=-1.0)
