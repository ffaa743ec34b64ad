"""A loss that is called otherwise, or gives no tensor, is refused before any check misreads it."""

import inspect

import pytest
import torch.nn.functional as F
from check_programs import pipeline_of
from torch import nn

from assay.checks.given.usable_loss import refuse_wrong_call
from assay.checks.verify import verify
from assay.errors import InputError


@pytest.mark.parametrize(
    ("loss_fn", "message"),
    [
        (lambda outputs, targets: None, "got NoneType None; return the loss alone"),
        (lambda outputs, targets: (F.cross_entropy(outputs, targets), 1), "got tuple .*return the loss alone"),
        (lambda outputs, targets: {"loss": F.cross_entropy(outputs, targets)}, "got dict .*return the loss alone"),
    ],
)
def test_a_loss_that_gives_no_tensor_is_refused(program, loss_fn, message):
    with pytest.raises(InputError, match=f"loss_fn must give one number as a tensor, {message}"):
        verify(**program(loss_fn=loss_fn))


def test_functions_of_other_arguments_are_refused(program):
    with pytest.raises(TypeError, match=r"loss_fn must be called as loss_fn\(outputs, targets\), got .*'weights'"):
        verify(**program(loss_fn=lambda outputs, targets, weights: None))
    with pytest.raises(TypeError, match=r"training_step must be called as training_step\(model, batch, optimizer\)"):
        verify(**program(training_step=lambda model, batch: None))


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        (lambda a, b, c=1: a, lambda a, b, c: a),
        (lambda *all_of_them: 0, lambda *, outputs, targets: 0),
        (nn.CrossEntropyLoss(), nn.TripletMarginLoss()),
        (F.mse_loss, F.triplet_margin_loss),
    ],
    ids=["defaults", "stars", "modules", "functional"],
)
def test_what_counts_is_whether_two_arguments_fit(taken, refused):
    refuse_wrong_call("loss_fn", taken, ("outputs", "targets"))
    with pytest.raises(TypeError, match=r"loss_fn must be called as loss_fn\(outputs, targets\)"):
        refuse_wrong_call("loss_fn", refused, ("outputs", "targets"))


def test_a_function_that_tells_no_signature_is_not_refused():
    with pytest.raises(ValueError, match="no signature"):
        inspect.signature(max)
    refuse_wrong_call("loss_fn", max, ("outputs", "targets"))


def test_a_loss_that_raises_or_has_no_gradient_is_left_to_the_checks(program):
    def refuse(outputs, targets):
        raise ZeroDivisionError

    assert pipeline_of(program(loss_fn=refuse)).loss_kind.name == "unknown"
    assert pipeline_of(program(loss_fn=lambda *given: F.cross_entropy(*given).item())).loss_kind.name == "cross_entropy"
