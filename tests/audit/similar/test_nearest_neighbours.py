"""Neighbours against all pairs; small blocks, so that every border between blocks is crossed."""

from __future__ import annotations

import pytest
import torch

from assay.audit.similar import neighbours as room
from assay.audit.similar.neighbours import nearest_neighbours


def features(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_four_points_on_a_line_by_hand() -> None:
    found = nearest_neighbours(torch.tensor([[0.0], [1.0], [3.0], [7.0]]), k=2)
    assert found.indices.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert found.distances.tolist() == [[1.0, 3.0], [1.0, 2.0], [2.0, 3.0], [4.0, 6.0]]


@pytest.mark.parametrize("within", [True, False])
def test_agrees_with_all_pairs_over_many_blocks(within: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "QUERY_BLOCK", 64)
    monkeypatch.setattr(room, "REFERENCE_BLOCK", 130)
    queries, references = features(400, 300, 5), features(401, 277, 5)
    found = nearest_neighbours(queries, None if within else references, k=3)
    everything = torch.cdist(queries.double(), (queries if within else references).double())
    if within:
        everything.fill_diagonal_(torch.inf)
    distances, indices = everything.topk(3, largest=False)
    assert torch.equal(found.indices, indices)
    torch.testing.assert_close(found.distances.double(), distances, rtol=1e-5, atol=1e-5)  # float32 against float64


def test_the_nearest_of_several_views_counts() -> None:
    queries = features(402, 40, 4)
    found = nearest_neighbours(torch.stack([queries, -queries]), k=5)
    one, other = torch.cdist(queries, queries), torch.cdist(-queries, queries)
    both = torch.minimum(one, other).fill_diagonal_(torch.inf)
    torch.testing.assert_close(found.distances, both.topk(5, largest=False).values, rtol=1e-4, atol=1e-4)


def test_almost_equal_rows_far_from_zero_keep_their_distance() -> None:
    rows = features(403, 50, 8) + 1000.0
    rows[1] = rows[0]
    rows[1, 0] += 0.01
    assert nearest_neighbours(rows, k=1).distances[0].item() == pytest.approx(0.01, rel=0.02)  # float32 at 1000


def test_no_row_is_its_own_neighbour_even_among_copies() -> None:
    found = nearest_neighbours(torch.ones(6, 3), k=5)
    assert (found.indices != torch.arange(6)[:, None]).all()
    assert found.distances.eq(0).all()


def test_the_random_state_is_left_alone(random_state_untouched: None) -> None:
    nearest_neighbours(features(404, 20, 3), k=2)


@pytest.mark.parametrize("k", [0, 4])
def test_k_that_is_out_of_range_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"k must be from 1 to 3, the number of other rows, got {k}"):
        nearest_neighbours(torch.zeros(4, 2), k=k)


def test_widths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="must be of one width, got 2 and 3"):
        nearest_neighbours(torch.zeros(4, 2), torch.zeros(4, 3), k=1)


def test_features_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="features must be finite"):
        nearest_neighbours(torch.tensor([[0.0], [torch.nan], [1.0]]), k=1)
