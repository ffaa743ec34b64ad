from functools import partial

import pytest
import torch
from check_programs import digits_like, loader_of, pipeline_of, small_network
from torch import nn

from assay.checks.experiments.own_training import train_own
from assay.checks.experiments.single_unit import _is_all_that_passes, _leaves_less, _shortcut


def squeezed(units: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, units), nn.Tanh(), nn.Linear(units, 12))


def many_classes(count: int = 288):
    return loader_of(*digits_like(count, classes=12))


def test_a_usual_network_fits(run):
    (finding,) = run("capacity_lowers_loss")
    assert finding.level == "note"
    assert finding.evidence["own training"] < 0.5
    left = f"your own training leaves {finding.evidence['own training']:.0%} of the best constant output's loss"
    assert left in finding.summary


@pytest.mark.slow
def test_a_network_of_one_unit_is_suspect(run):
    model = squeezed(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    (finding,) = run("capacity_lowers_loss", model=model, optimizer=optimizer, train_loader=many_classes())
    assert finding.level == "suspect"
    assert "too few" in finding.cause
    assert finding.evidence["linear model"] < 0.15 < finding.evidence["all weights"]


def test_its_wider_sibling_passes(verdict):
    model = squeezed(24)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    assert verdict("capacity_lowers_loss", model=model, optimizer=optimizer, train_loader=many_classes()) == "note"


def test_a_slow_own_rate_is_no_lack_of_capacity(run):
    model = small_network()
    (finding,) = run("capacity_lowers_loss", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=1e-5))
    assert finding.level == "note"
    assert finding.evidence["all weights"] < 0.5


def test_a_task_that_no_linear_model_fits_is_only_told(run):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(240, 2, generator=generator) * 2 - 1
    labels = (inputs[:, 0] * inputs[:, 1] > 0).long()
    (finding,) = run("capacity_lowers_loss", model=nn.Linear(2, 2), train_loader=loader_of(inputs, labels))
    assert finding.level == "note"


def test_an_autoencoder_with_a_bottleneck_passes(verdict):
    basis = torch.randn(6, 64, generator=torch.Generator().manual_seed(0))
    inputs = torch.randn(240, 6, generator=torch.Generator().manual_seed(1)) @ basis / 3
    model = nn.Sequential(nn.Linear(64, 6), nn.Tanh(), nn.Linear(6, 64))
    given = {"model": model, "loss_fn": nn.MSELoss(), "train_loader": loader_of(inputs, inputs)}
    assert verdict("capacity_lowers_loss", optimizer=torch.optim.Adam(model.parameters(), lr=1e-2), **given) == "note"


def test_what_cannot_be_judged_is_skipped_with_the_reason(run):
    assert "not known" in run("capacity_lowers_loss", loss_fn=nn.MultiMarginLoss()).reason


def through(units, classes=4):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, units), nn.Linear(units, 24))
    model.append(nn.Linear(24, classes))
    return {"model": model, "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)}


def test_a_single_unit_between_is_suspect(run):
    (finding,) = run("capacity_lowers_loss", **through(1))
    assert finding.level == "suspect"
    assert finding.evidence["layer"] == "3"
    assert min(finding.evidence["with_shortcut"]) - max(finding.evidence["own"]) > 0


def test_more_units_and_two_classes_of_one_unit_pass(verdict):
    assert verdict("capacity_lowers_loss", **through(8)) == "note"
    loader = loader_of(*digits_like(classes=2))
    assert verdict("capacity_lowers_loss", **through(1, classes=2), train_loader=loader) == "note"


class Beside(nn.Module):
    """x + inner(x), as an adapter of low rank does; or x * sigmoid(inner(x)), as a gate."""

    def __init__(self, gated: bool) -> None:
        super().__init__()
        self.gated, self.inner = gated, nn.Sequential(nn.Linear(24, 1), nn.Linear(1, 24))

    def forward(self, values):
        return values * self.inner(values).sigmoid() if self.gated else values + self.inner(values)


@pytest.mark.parametrize("gated", [False, True])
def test_a_single_unit_that_the_rest_passes_by_is_no_bottleneck(program, gated):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), Beside(gated), nn.Linear(24, 4))
    pipeline = pipeline_of(program(model=model))
    assert not _is_all_that_passes(pipeline, "3.inner.0")
    assert _is_all_that_passes(pipeline_of(program(**through(1))), "3")


def test_what_one_unit_leaves_and_a_shortcut_learns_is_told_late_in_a_training_too(program):
    for learning_rate, leaves in ((3e-3, True), (1e-5, False)):
        given = through(1, classes=6)
        optimizer = torch.optim.Adam(given["model"].parameters(), lr=learning_rate)
        loader = loader_of(*digits_like(classes=6))
        pipeline = pipeline_of(program(model=given["model"], optimizer=optimizer, train_loader=loader))
        around = partial(train_own, edit=partial(_shortcut, narrow="3", wide="4"))
        found = _leaves_less(pipeline, around)
        assert (found is not None) == leaves
        if found is not None:
            assert all(
                3 * (1 - beside) <= 1 - through for through, beside in zip(found.own, found.repaired, strict=True)
            )
