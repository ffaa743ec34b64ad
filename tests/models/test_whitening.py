import sys

import pytest
import torch
from child_processes import output_of
from sklearn.covariance import ledoit_wolf, ledoit_wolf_shrinkage
from sklearn.decomposition import PCA

from assay.errors import InputError
from assay.models.whitening import LARGEST, Whitening, shrinkage, whitening_map, with_fixed_signs


def correlated(n=200, values=5):
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(values, values, generator=generator, dtype=torch.float64)
    return torch.randn(n, values, generator=generator, dtype=torch.float64) @ mixing + 3.0


@pytest.mark.parametrize("form", ["pca", "zca"])
def test_outputs_are_uncorrelated_of_variance_one(form):
    rows = correlated()
    mean, matrix = whitening_map(rows, form=form, eps=0.0, shrink=False)
    white = (rows - mean) @ matrix.T
    torch.testing.assert_close(white.mean(0), torch.zeros(5, dtype=torch.float64), atol=1e-10, rtol=0)
    torch.testing.assert_close(white.T @ white / len(rows), torch.eye(5, dtype=torch.float64), atol=1e-9, rtol=0)


def test_zca_is_symmetric_and_pca_agrees_with_sklearns_up_to_sign():
    rows = correlated()
    _, zca = whitening_map(rows, form="zca", eps=1e-3, shrink=False)
    torch.testing.assert_close(zca, zca.T)
    mean, pca = whitening_map(rows, form="pca", eps=0.0, shrink=False)
    theirs = torch.from_numpy(PCA(whiten=True).fit_transform(rows.numpy())) * (200 / 199) ** 0.5
    torch.testing.assert_close(((rows - mean) @ pca.T).abs(), theirs.abs(), atol=1e-8, rtol=1e-8)


def test_by_hand_with_eps():
    """Variances 4 and 1: divided by sqrt(4 + 5) and sqrt(1 + 5)."""
    rows = torch.tensor([[2.0, 1.0], [2.0, -1.0], [-2.0, 1.0], [-2.0, -1.0]])
    _, matrix = whitening_map(rows, form="pca", eps=5.0, shrink=False)
    torch.testing.assert_close(matrix, torch.diag(torch.tensor([1 / 3, 6**-0.5], dtype=torch.float64)))


def test_shrunk_it_whitens_sklearns_covariance_and_few_examples_blow_up_nothing():
    rows = correlated(n=4, values=12)
    _, matrix = whitening_map(rows, form="zca", eps=0.0, shrink=True)
    covariance = torch.from_numpy(ledoit_wolf(rows.numpy())[0])
    torch.testing.assert_close(matrix @ covariance @ matrix.T, torch.eye(12, dtype=torch.float64), atol=1e-8, rtol=0)
    _, plain = whitening_map(rows, form="zca", eps=1e-5, shrink=False)
    assert torch.linalg.matrix_norm(plain, 2) > 100 * torch.linalg.matrix_norm(matrix, 2)


@pytest.mark.parametrize(("n", "values"), [(2, 1), (50, 1), (2, 9), (30, 300), (400, 5), (1000, 2)])
def test_the_share_is_sklearns(n: int, values: int):
    rows = correlated(n, values)
    assert shrinkage(rows) == pytest.approx(ledoit_wolf_shrinkage(rows.numpy()), rel=1e-9)


def test_the_share_by_hand():
    """Covariance diag(4, 1): (25 - 17) / (4 * 2) over 2 * 1.5 ** 2 / 2; what is round or constant needs none."""
    rows = torch.tensor([[2.0, 1.0], [2.0, -1.0], [-2.0, 1.0], [-2.0, -1.0]])
    assert shrinkage(rows + 7.0) == pytest.approx(4 / 9)
    assert shrinkage(rows.clamp(-1.0, 1.0)) == 0.0
    assert shrinkage(torch.ones(4, 3)) == 0.0


def test_fitted_first_in_a_program_it_moves_no_random_state_of_python():
    """Libraries may draw where they are imported, so only a fresh program can tell."""
    program = """
import random, torch
from assay.models.whitening import whitening_map
rows, before = torch.randn(9, 4), random.getstate()
whitening_map(rows, form="zca", eps=1e-5, shrink=True)
print(random.getstate() == before)
"""
    assert output_of([sys.executable, "-c", program]).strip() == "True"


def test_signs_are_fixed():
    components = torch.tensor([[0.1, -2.0], [3.0, 1.0]])
    assert torch.equal(with_fixed_signs(components), torch.tensor([[-0.1, 2.0], [3.0, 1.0]]))
    assert torch.equal(with_fixed_signs(-components), with_fixed_signs(components))


def test_unfitted_it_changes_nothing():
    inputs = torch.randn(2, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Whitening(9)(inputs), inputs)


def test_too_many_values_and_too_few_examples_are_refused():
    with pytest.raises(InputError, match="must have at most 4096 values, got 4097; use PatchWhitening, or smaller"):
        Whitening(LARGEST + 1)
    with pytest.raises(InputError, match="fitted on two examples at least, got 1; use a larger batch_size"):
        whitening_map(torch.zeros(1, 3), form="pca", eps=1e-5, shrink=True)
