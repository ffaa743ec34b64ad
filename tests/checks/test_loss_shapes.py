import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn


def regression(loss_fn, flat_targets, flat_outputs=False, **more):
    inputs, labels = digits_like()
    targets = labels.float() - 1.5
    model = small_network(1)
    if flat_outputs:
        model.append(nn.Flatten(0))
    loader = loader_of(inputs, targets if flat_targets else targets[:, None])
    return {"model": model, "train_loader": loader, "loss_fn": loss_fn, **more}


def log_cosh(outputs, targets):
    return (outputs - targets).cosh().log().mean()


def own_binary(outputs, targets):
    rates, wanted = outputs.sigmoid(), (targets > 0) * 1.0
    return -(wanted * rates.log() + (1 - wanted) * (1 - rates).log()).mean()


LOSSES = [nn.MSELoss(), nn.MSELoss(reduction="sum"), nn.L1Loss(), nn.SmoothL1Loss(), log_cosh, own_binary]


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("loss_fn", LOSSES)
def test_a_column_against_a_row_is_proved(run, verdict, loss_fn):
    (finding,) = run("loss_shapes", **regression(loss_fn, flat_targets=True))
    assert finding.level == "proved"
    assert "permuting the targets changes nothing" in finding.summary
    assert finding.evidence["outside"] > 0
    assert len(finding.figures[0].values) == 8
    assert verdict("loss_shapes", **regression(loss_fn, flat_targets=False)) == "note"
    assert verdict("loss_shapes", **regression(loss_fn, flat_targets=True, flat_outputs=True)) == "note"
    assert verdict("loss_shapes", **regression(loss_fn, flat_targets=False, flat_outputs=True)) == "proved"


def test_a_stretch_inside_the_loss_is_proved(verdict):
    def loss_fn(outputs, targets):
        return (outputs.squeeze(1) - targets).square().mean()

    assert verdict("loss_shapes", **regression(loss_fn, flat_targets=False)) == "proved"
    assert verdict("loss_shapes", **regression(loss_fn, flat_targets=True)) == "note"


def test_classes_and_labels_pass(verdict):
    assert verdict("loss_shapes") == "note"
    assert verdict("loss_shapes", model=small_network().append(nn.LogSoftmax(1)), loss_fn=nn.NLLLoss()) == "note"


@pytest.mark.parametrize(
    "loss_fn",
    [
        lambda outputs, targets: (outputs.mean() - targets.mean()).square(),
        lambda outputs, targets: (
            torch.cdist(outputs, targets).amin(1).mean() + torch.cdist(outputs, targets).amin(0).mean()
        ),
        lambda outputs, targets: (outputs.sort(0).values - targets.sort(0).values).square().mean(),
        lambda outputs, targets: outputs.mean() - targets.mean(),
    ],
    ids=["moments", "chamfer", "transport", "critic"],
)
def test_losses_that_match_distributions_pass(verdict, loss_fn):
    assert verdict("loss_shapes", **regression(loss_fn, flat_targets=False)) == "note"


def test_losses_over_pairs_of_a_batch_pass(verdict):
    def contrastive(outputs, labels):
        same = labels[:, None] == labels[None]
        scores = F.normalize(outputs, dim=1) @ F.normalize(outputs, dim=1).t()
        return F.binary_cross_entropy_with_logits(4 * scores, same * 1.0)

    assert verdict("loss_shapes", loss_fn=contrastive) == "note"


def squeezing_step(model, batch, optimizer):
    optimizer.zero_grad()
    loss = F.mse_loss(model(batch[0]).squeeze(1), batch[1])
    loss.backward()
    optimizer.step()
    return loss


def stretching_step(model, batch, optimizer):
    optimizer.zero_grad()
    loss = (model(batch[0]) - batch[1]).square().mean()
    loss.backward()
    optimizer.step()
    return loss


@pytest.mark.parametrize(("step", "level"), [(squeezing_step, "note"), (stretching_step, "proved")])
def test_a_step_that_brings_both_to_one_shape_passes(verdict, step, level):
    def loss_fn(outputs, targets):
        return (outputs - targets).square().mean()

    assert verdict("loss_shapes", training_step=step, **regression(loss_fn, flat_targets=True)) == level


def test_equal_targets_are_skipped(run):
    inputs, _ = digits_like()
    given = {"model": small_network(1), "train_loader": loader_of(inputs, torch.ones(240)), "loss_fn": nn.MSELoss()}
    assert "whose targets differ" in run("loss_shapes", **given).reason
