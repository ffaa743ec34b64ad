"""Which class is labelled as which: counts by hand, the step against its formula, and known noise taken out."""

import numpy as np
import pytest
import scipy.sparse as sparse

from assay.audit.labels.transition import PRIOR, Transition, clear_examples, estimate_transition, without_noise


def random_transition(seed: int, classes: int = 4) -> Transition:
    counts = np.random.default_rng(seed).integers(0, 20, size=(classes, classes)).astype(float)
    return Transition(sparse.csr_array(counts), 0.3, classes)


def test_without_counts_it_is_the_even_prior() -> None:
    even = Transition(sparse.csr_array((4, 4)), 0.3, 4).dense()
    assert np.diag(even) == pytest.approx(0.7)
    assert even[0, 1:] == pytest.approx(0.1)


def test_rows_sum_to_one_and_counts_weigh_against_the_prior() -> None:
    transition = random_transition(0)
    dense, counts = transition.dense(), transition.counts.toarray()
    assert dense.sum(1) == pytest.approx(1.0)
    prior = np.where(np.eye(4) > 0, 0.7, 0.1)
    assert dense == pytest.approx((counts + PRIOR * prior) / (counts.sum(1, keepdims=True) + PRIOR))


def test_forward_and_backward_are_products_with_the_matrix() -> None:
    transition, values = random_transition(1), np.random.default_rng(1).random((5, 4))
    assert transition.forward(values) == pytest.approx(values @ transition.dense())
    assert transition.backward(values) == pytest.approx(values @ transition.dense().T)


def test_one_step_by_its_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    transition, pool = random_transition(2), np.random.default_rng(2).dirichlet(np.ones(4), size=6)
    matrix = transition.dense()
    expected = np.array([[q[k] * (matrix[k] * q / (q @ matrix)).sum() for k in range(4)] for q in pool])
    assert without_noise(pool, transition) == pytest.approx(expected / expected.sum(1, keepdims=True), abs=1e-5)
    monkeypatch.setattr("assay.audit.labels.given.BLOCK_ENTRIES", 4)
    assert without_noise(pool, transition) == pytest.approx(expected / expected.sum(1, keepdims=True), abs=1e-5)


def test_without_noise_among_the_clear_nothing_changes() -> None:
    pool = np.random.default_rng(3).dirichlet(np.ones(4), size=20)
    identity = Transition(sparse.csr_array(np.eye(4) * 50), 0.0, 4)
    assert without_noise(pool, identity) == pytest.approx(pool, abs=1e-5)


def test_clear_are_the_surest_of_each_answer() -> None:
    sureness = np.linspace(0.51, 0.99, 80)
    pool = np.vstack([np.stack([sureness, 1 - sureness], 1), np.stack([1 - sureness[:6], sureness[:6]], 1)])
    clear = clear_examples(pool)
    assert clear[:80].sum() == 20
    assert clear[60:80].all()
    assert clear[80:].all(), "of six answers all are taken, as ten are wanted"


def test_known_noise_is_read_off_and_taken_out(planted) -> None:
    data = planted(5, n=4000, rate=0.4, skills=(7.0,), to_next=True)
    (pool,) = data.members.values()
    transition = estimate_transition(pool, data.given)
    expected = 0.6 * np.eye(5) + 0.4 * np.roll(np.eye(5), 1, axis=1)
    assert transition.dense() == pytest.approx(expected, abs=0.12)
    assert transition.share == pytest.approx(0.4, abs=0.05)
    rows = np.arange(4000)
    before, after = pool[rows, data.truth], without_noise(pool, transition)[rows, data.truth]
    assert np.median(after) > np.median(before) + 0.1
