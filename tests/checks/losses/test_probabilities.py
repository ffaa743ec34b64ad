"""Probabilities and their logarithms are told by signs and sums along the axis that is asked about."""

from __future__ import annotations

import torch

from assay.checks.losses.probabilities import are_distributions, are_log_distributions


def test_probabilities_and_their_logarithms_along_each_axis():
    torch.manual_seed(0)
    shares = torch.randn(5, 4, 3).softmax(1)
    assert are_distributions(shares, 1)
    assert not are_distributions(shares)
    assert are_log_distributions(shares.log(), 1)
    assert not are_log_distributions(shares, 1)


def test_a_negative_number_or_one_that_is_not_finite_is_no_probability():
    assert not are_distributions(torch.tensor([[1.5, -0.5]]))
    assert not are_distributions(torch.tensor([[torch.nan, 1.0]]))
    assert not are_distributions(torch.tensor([[torch.inf, 0.0]]))


def test_a_probability_of_zero_has_a_logarithm_that_counts_for_nothing():
    assert are_log_distributions(torch.tensor([[0.0, -torch.inf]]))
