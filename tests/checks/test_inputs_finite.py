import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn


def test_finite_inputs_pass(verdict):
    assert verdict("inputs_finite") == "note"


def test_one_nan_is_proved_and_placed(run):
    inputs, labels = digits_like()
    inputs[45, 0, 3, 3] = float("nan")
    inputs[46] = float("inf")
    (finding,) = run("inputs_finite", train_loader=loader_of(inputs, labels, shuffle=False))
    assert finding.level == "proved"
    assert finding.evidence["bad_examples"] == 2
    assert finding.evidence["first"] == [[1, 5], [1, 6]]


def test_integer_inputs_are_finite(verdict):
    tokens, labels = torch.arange(80).reshape(40, 2) % 5, torch.arange(40) % 4
    model = nn.Sequential(nn.Embedding(5, 8), nn.Flatten(), nn.Linear(16, 4))
    assert verdict("inputs_finite", model=model, train_loader=loader_of(tokens, labels)) == "note"


def test_a_late_nan_and_one_in_validation_are_proved(run):
    inputs, labels = digits_like(400)
    inputs[390, 0, 1, 1] = float("nan")
    loader = loader_of(inputs, labels, shuffle=False)
    (finding,) = run("inputs_finite", train_loader=loader)
    assert finding.level == "proved"
    assert "1 of 400 training inputs" in finding.summary
    assert "number 390" in finding.summary
    (finding,) = run("inputs_finite", val_loader=loader)
    assert "1 of 400 validation inputs" in finding.summary


class FillsIn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = small_network()

    def forward(self, inputs, mask=None):
        return self.network(inputs.nan_to_num())


def test_missing_values_that_the_network_fills_in_are_a_note(run):
    inputs, labels = digits_like(80)
    inputs[::3, 0, 0] = float("nan")
    (finding,) = run("inputs_finite", model=FillsIn(), train_loader=loader_of(inputs, labels))
    assert finding.level == "note"
    assert "finite outputs" in finding.summary


def test_additive_masks_are_no_fault(run):
    inputs, labels = digits_like(80)
    mask = torch.zeros(40, 4).masked_fill(torch.rand(40, 4) < 0.5, -torch.inf)
    batches = [((inputs[i : i + 40], mask), labels[i : i + 40]) for i in (0, 40)]
    (finding,) = run("inputs_finite", model=FillsIn(), train_loader=batches)
    assert finding.evidence["bad_examples"] == 0


def test_a_loader_that_raises_late_is_read_so_far(run):
    inputs, labels = digits_like(400)

    class Breaks:
        def __iter__(self):
            yield from loader_of(inputs, labels, shuffle=False)
            raise OSError("truncated file")

    (finding,) = run("inputs_finite", train_loader=Breaks())
    assert finding.evidence["training_examples"] == 400
