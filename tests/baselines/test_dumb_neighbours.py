"""Nearest neighbours: by hand, against scikit-learn, and the choice of k."""

from __future__ import annotations

import pytest
import torch
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors

from assay.baselines import neighbours
from assay.baselines.neighbours import choose_k, nearest, predict_neighbours
from assay.baselines.sample import Sample
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification


def specification(*, classes: int = 0, features: int = 1) -> Specification:
    return Specification(
        task="classification" if classes else "regression",
        input_shape=(features,),
        normalization=Normalization((0.0,) * features, (1.0,) * features),
        encoder=ArrayEncoder((features,)),
        classes=tuple(map(str, range(classes))),
    )


LINE = torch.tensor([[0.0], [1.0], [2.0], [10.0]])


def test_nearest_by_hand() -> None:
    found = nearest(LINE, torch.tensor([[0.4], [9.0]]), k=3)
    assert found.tolist() == [[0, 1, 2], [3, 2, 1]]


def test_nearest_agrees_with_scikit_learn_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "CHUNK", 7)
    generator = torch.Generator().manual_seed(3)
    references, queries = torch.randn(80, 5, generator=generator), torch.randn(40, 5, generator=generator)
    # A common offset must not cost the distances their precision.
    expected = NearestNeighbors(n_neighbors=4).fit(references.numpy()).kneighbors(queries.numpy())[1]
    assert nearest(references + 1000.0, queries + 1000.0, k=1).flatten().tolist() == expected[:, 0].tolist()
    assert nearest(references, queries, k=4).tolist() == expected.tolist()


def test_votes_by_hand_and_ties_go_to_the_nearer() -> None:
    train = Sample(LINE, torch.tensor([0, 1, 1, 0]))
    answers = predict_neighbours(train, torch.tensor([[0.4], [9.0]]), specification(classes=2), k=3)
    assert answers.argmax(1).tolist() == [1, 1]  # two votes of three each
    torch.testing.assert_close(answers.sum(1), torch.ones(2))
    tied = predict_neighbours(train, torch.tensor([[0.4], [0.6]]), specification(classes=2), k=2)
    assert tied.argmax(1).tolist() == [0, 1]


def test_a_mean_of_targets_agrees_with_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(4)
    features, queries = torch.randn(50, 3, generator=generator), torch.randn(9, 3, generator=generator)
    targets = torch.randn(50, generator=generator)
    expected = KNeighborsRegressor(n_neighbors=5).fit(features.numpy(), targets.numpy()).predict(queries.numpy())
    answers = predict_neighbours(Sample(features, targets), queries, specification(features=3), k=5)
    torch.testing.assert_close(answers[:, 0], torch.as_tensor(expected).float())


def test_k_is_chosen_by_what_is_held_out() -> None:
    generator = torch.Generator().manual_seed(5)
    features = torch.rand(400, 1, generator=generator)
    smooth = (features[:, 0] > 0.5).long()
    assert choose_k(Sample(features, smooth), specification(classes=2)) == 1  # no noise: equal, so the smaller
    flipped = torch.rand(400, generator=generator) < 0.3
    noisy = torch.where(flipped, 1 - smooth, smooth)
    assert choose_k(Sample(features, noisy), specification(classes=2)) == 5


def test_k_is_one_where_there_is_too_little_to_choose_by() -> None:
    assert choose_k(Sample(LINE, torch.tensor([0, 1, 0, 1])), specification(classes=2)) == 1


def test_k_outside_the_references_is_refused() -> None:
    with pytest.raises(ValueError, match=r"k must be in 1\.\.4, the number of references, got 5"):
        nearest(LINE, LINE, k=5)
