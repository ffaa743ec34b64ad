import pytest
import torch
from check_programs import digits_like, loader_of, pipeline_of, small_network
from torch import nn

from assay.checks.experiments.carry_over import obstacle
from assay.checks.experiments.cross_prediction import Side, agreement, predict_across, with_common_classes
from assay.checks.given.cannot_check import CannotCheckError


def side(count, seed):
    inputs, labels = digits_like(count, seed=seed)
    return Side([inputs], labels)


def test_kappa_by_hand():
    predicted, labels = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 1, 1])
    found = agreement(predicted, labels)  # 3 of 4 agree; by chance 1/2 * 1/4 + 1/2 * 3/4 = 1/2
    assert found.kappa == pytest.approx(0.5)
    assert found.error == pytest.approx((0.75 * 0.25 / 4) ** 0.5 / 0.5)
    assert found.within(2.0) == pytest.approx((0.5 - 2 * found.error, 0.5 + 2 * found.error))


def test_kappa_is_1_for_equal_and_0_for_constant_predictions():
    labels = torch.arange(40) % 4
    assert agreement(labels, labels).kappa == pytest.approx(1.0)
    assert agreement(labels, labels).error > 0
    assert agreement(torch.zeros(40).long(), labels).kappa == pytest.approx(0.0)


@pytest.mark.parametrize("seed", [0, 3])
def test_predictions_of_an_example_are_made_without_it(seed):
    generator = torch.Generator().manual_seed(seed)
    inputs, labels = torch.randn(90, 6, generator=generator), torch.randint(3, (90,), generator=generator)
    found = predict_across(Side([inputs], labels), Side([inputs], labels), seed=0)
    own, met = agreement(found.train_by_itself, labels), agreement(found.train_by_validation, labels)
    assert own.kappa < 4 * own.error, seed  # pure chance, and the best kernel of several
    assert met.kappa > own.kappa, seed  # there, each example meets its copy


def test_both_sides_tell_each_other():
    found = predict_across(side(120, 0), side(80, 1), seed=0)
    assert agreement(found.validation_by_train, found.validation.labels).kappa > 0.95
    assert agreement(found.train_by_validation, found.train.labels).kappa > 0.95
    assert found.to_expect > 0.95


def test_only_common_classes_are_compared():
    first, second = side(240, 0), side(120, 1)
    first.labels[first.labels == 3] = 7
    train, validation = with_common_classes(first, second)
    assert (len(train.labels), len(validation.labels)) == (180, 90)
    assert torch.equal(train.labels.unique(), torch.arange(3))
    with pytest.raises(CannotCheckError, match="both loaders show, got 0"):
        with_common_classes(first, Side(second.inputs, second.labels + 20))


def test_regression_has_no_classes(program):
    loader = loader_of(digits_like()[0], torch.randn(240, 1))
    with pytest.raises(CannotCheckError, match="not classes"):
        obstacle(pipeline_of(program(model=small_network(1), loss_fn=nn.MSELoss(), train_loader=loader)))
