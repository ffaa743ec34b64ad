"""What cannot be checked is refused by name, with the way out."""

import threading

import pytest
import torch
from check_programs import digits_like, pipeline_of, small_network
from torch import nn

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.usable_model import copy_of_model
from assay.checks.verify import verify
from assay.errors import InputError


class Holding(nn.Module):
    def __init__(self, held=None) -> None:
        super().__init__()
        self.network, self.held = small_network(), held

    def forward(self, inputs):
        return self.network(inputs)


class Remembering(Holding):
    def forward(self, inputs):
        self.held = self.network(inputs)
        return self.held


@pytest.mark.parametrize(
    ("held", "kind"), [(threading.Lock(), "_thread.lock"), ((number for number in range(3)), "generator")]
)
def test_what_cannot_be_copied_is_named(program, held, kind):
    model = nn.Sequential(Holding(), Holding(held))
    with pytest.raises(InputError, match=rf"because of 1\.held \({kind}\) .* keep it outside of the module"):
        copy_of_model(model)
    with pytest.raises(InputError, match=rf"model: .* because of held \({kind}\)"):
        verify(**program(model=Holding(held)))


def test_a_kept_tensor_with_a_history_is_to_be_detached(program):
    model = Remembering()
    model(digits_like(4)[0])
    with pytest.raises(InputError, match=r"held \(a tensor with a history of gradients\).*keep it by \.detach\(\)"):
        verify(**program(model=model))


def test_a_module_that_refuses_by_itself_says_so():
    class Refusing(nn.Linear):
        def __deepcopy__(self, memo):
            raise RuntimeError("one of a kind")

    with pytest.raises(InputError, match="because of itself it raised RuntimeError: one of a kind"):
        copy_of_model(Refusing(2, 2))


def test_weights_without_a_shape_are_refused(program):
    with pytest.raises(InputError, match=r"2 without a shape.*\(1\.weight, 1\.bias\); call the model on one batch"):
        verify(**program(model=nn.Sequential(nn.Flatten(), nn.LazyLinear(4))))


def test_weights_without_values_are_refused(program):
    with torch.device("meta"):
        model = small_network()
    with pytest.raises(InputError, match=r"4 on the meta device.*and 1 more\); give them a place by model\.to_empty"):
        verify(**program(model=model))


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_a_scripted_copy_is_trained_by_its_own_optimizer(program):
    pipeline = pipeline_of(program(model=torch.jit.script(small_network())))
    before = [parameter.detach().clone() for parameter in pipeline.model.parameters()]
    trial = pipeline.trial()
    start = [parameter.detach().clone() for parameter in trial.model.parameters()]
    trial.step(pipeline.batches[0])
    assert all(parameter.requires_grad for parameter in trial.model.parameters())
    assert not torch.equal(start[0], next(trial.model.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(before, pipeline.model.parameters(), strict=True))


def test_a_scheduler_that_cannot_be_copied_leaves_the_rest_to_be_checked(program):
    given = program()
    given["scheduler"] = torch.optim.lr_scheduler.LambdaLR(given["optimizer"], lambda step: 1.0)
    given["scheduler"].lock = threading.Lock()
    pipeline = pipeline_of(given)
    with pytest.raises(CannotCheckError, match="scheduler cannot be copied, and copies are what is trained here"):
        pipeline.trial()
    assert pipeline.trial(adam_learning_rate=0.1).scheduler is None
