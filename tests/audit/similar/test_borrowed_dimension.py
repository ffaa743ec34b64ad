"""Small sets: the dimension of each example is learnt also from the others, without more false alarms."""

from __future__ import annotations

import pytest
import torch

from assay.audit.similar.chance import MOST_BORROWED, _gamma_law, expected_by_chance, pairs_nearer_than_chance
from assay.audit.similar.neighbours import nearest_neighbours


def test_the_law_of_the_dimensions_is_found_from_their_totals() -> None:
    print("seed 407")
    torch.manual_seed(407)
    known, shape, rate = 15, 12.0, 1.5
    dimensions = torch.distributions.Gamma(shape, rate).sample((200_000,))
    totals = torch.distributions.Gamma(float(known), dimensions).sample()
    # Moments of a heavy tail: 200,000 draws give the shape within a tenth.
    found = _gamma_law(totals.double(), known)
    assert found == (pytest.approx(shape, rel=0.1), pytest.approx(rate, rel=0.1))


def test_one_dimension_for_all_is_borrowed_no_more_than_allowed() -> None:
    totals = torch.full((100,), 2.0) + 1e-3 * torch.arange(100)
    shape, rate = _gamma_law(totals, 15)
    assert shape == MOST_BORROWED * 15
    assert rate == pytest.approx(float(totals.mean()) * (shape - 1) / 15)
    assert _gamma_law(totals[:4], 15) == (0.0, 0.0), "too few to learn from"


@pytest.mark.parametrize("law", ["one", "gamma", "two kinds"])
def test_expectations_stay_honest_whatever_the_dimensions_are(law: str) -> None:
    """Unrelated ones are as near as `e` in at most a share of e, also where half of them are of another dimension."""
    print("seed 408")
    torch.manual_seed(408)
    sets, n, k = 20_000, 300, 20
    dimensions = {"one": torch.full((sets,), 8.0), "gamma": torch.distributions.Gamma(6.0, 0.8).sample((sets,)),
                  "two kinds": torch.where(torch.arange(sets) % 2 == 0, 4.0, 12.0)}[law]  # fmt: skip
    distances = torch.rand(sets, n).pow(1 / dimensions[:, None]).sort(dim=1).values[:, :k]
    expected = expected_by_chance(distances, copies=4, borrow=True)[:, 0]
    for level in (0.001, 0.01, 0.05):
        # Two kinds are no gamma law: the tail of the lower one is told a little too small.
        most = 1.25 if law == "two kinds" else 1.1
        assert float((expected <= level).float().mean()) <= most * level + 3 * (level / sets) ** 0.5


def test_clean_small_sets_raise_few_alarms_and_more_twins_are_found_than_alone() -> None:
    print("seeds 450 to 489")
    alarms, found = 0, {True: 0, False: 0}
    for seed in range(450, 490):
        generator = torch.Generator().manual_seed(seed)
        rows = torch.randn(200, 8, generator=generator)
        alarms += len(pairs_nearer_than_chance(nearest_neighbours(rows, k=20), copies=4, borrow=True)) > 0
        rows[1] = rows[0] + 0.08 * torch.randn(8, generator=generator)
        neighbours = nearest_neighbours(rows, k=20)
        for borrow in found:
            pairs = pairs_nearer_than_chance(neighbours, copies=4, borrow=borrow)
            found[borrow] += (0, 1) in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    assert alarms <= 2  # at most one set of a hundred should; three of forty have probability .007
    assert found[True] >= 30
    assert found[True] > found[False] + 10
