"""Nearer than chance: the formula by hand, its tail by simulation, and how often clean sets raise an alarm."""

from __future__ import annotations

import pytest
import torch

from assay.audit.similar.chance import expected_by_chance, pairs_nearer_than_chance
from assay.audit.similar.neighbours import nearest_neighbours


def test_expectation_by_hand() -> None:
    # Logarithms of d_8 / d_i: 8, 7, 3, 2.5, 2, 1.5, 1, 0; two may be copies, so total = 3 + 2.5 + 2 + 1.5 + 1 + 2 * 3.
    depths = torch.tensor([8.0, 7.0, 3.0, 2.5, 2.0, 1.5, 1.0, 0.0])
    expected = expected_by_chance((-depths).exp()[None], copies=2)
    torch.testing.assert_close(expected[0], torch.tensor([8 * (1 + 8 / 16) ** -5, 8 * (1 + 7 / 16) ** -5]))


def test_expectation_is_what_unrelated_examples_do() -> None:
    # Distances u^(1/m) have local dimension m; ahead of the 30 nearest of 1,000 falls one more, drawn alike.
    print("seed 405")
    generator = torch.Generator().manual_seed(405)
    sets, n, k, dimension = 20_000, 300, 30, 7
    distances = torch.rand(sets, n, generator=generator).pow(1 / dimension).sort(dim=1).values[:, :k]
    expected = expected_by_chance(distances, copies=5)[:, 0]
    # The nearest has an expectation of at most e with probability at most e, and not far below it.
    for level in (0.001, 0.01, 0.05):
        share = float((expected <= level).float().mean())
        assert level / 4 <= share <= 1.1 * level


def test_copies_do_not_change_what_is_usual() -> None:
    generator = torch.Generator().manual_seed(406)
    distances = torch.rand(1, 40, generator=generator).sort(dim=1).values
    nearer = distances.clone()
    nearer[:, :3] /= 1000
    before, after = (expected_by_chance(d, copies=5) for d in (distances, nearer))
    assert torch.equal(before[:, 3:], after[:, 3:])
    assert (after[:, :3] < before[:, :3]).all()


def test_clean_sets_raise_few_alarms_and_planted_twins_are_found() -> None:
    print("seeds 410 to 449")
    alarms, found = 0, 0
    for seed in range(410, 450):
        generator = torch.Generator().manual_seed(seed)
        clean = torch.randn(300, 12, generator=generator)
        alarms += len(pairs_nearer_than_chance(nearest_neighbours(clean, k=50))) > 0
        clean[1] = clean[0] + 0.02 * torch.randn(12, generator=generator)
        pairs = pairs_nearer_than_chance(nearest_neighbours(clean, k=50))
        found += (0, 1) in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    assert alarms <= 2  # at most one set of a hundred should; three of forty have probability .007
    assert found == 40


def test_all_equal_distances_are_no_pairs() -> None:
    assert len(pairs_nearer_than_chance(nearest_neighbours(torch.eye(60), k=50))) == 0


def test_all_equal_rows_are_no_pairs() -> None:
    assert len(pairs_nearer_than_chance(nearest_neighbours(torch.ones(60, 3), k=50))) == 0


@pytest.mark.parametrize("copies", [0, 10])
def test_copies_out_of_range_are_refused(copies: int) -> None:
    with pytest.raises(
        ValueError, match=f"copies must be at least 1 and leave 5 of k - 1 = 11 neighbours, got {copies}"
    ):
        expected_by_chance(torch.ones(3, 12), copies=copies)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_false_share_outside_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"false_share must be in \(0, 1\), got"):
        pairs_nearer_than_chance(nearest_neighbours(torch.eye(60), k=50), false_share=share)
