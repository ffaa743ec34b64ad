import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn

from assay.finding import Skipped


def with_labels(labels):
    return loader_of(digits_like()[0], labels, shuffle=False)


def test_healthy_labels_pass_and_are_counted(run):
    (finding,) = run("labels_valid")
    assert finding.level == "note"
    assert finding.evidence["classes_seen"] == 4


def test_label_outside_the_output_is_proved(run):
    labels = digits_like()[1].clone()
    labels[50] = 4
    (finding,) = run("labels_valid", train_loader=with_labels(labels))
    assert finding.level == "proved"
    assert "1 labels lie outside 0..3" in finding.summary
    assert "the first is 4" in finding.summary


def test_ignored_label_is_no_fault(verdict):
    labels = digits_like()[1].clone()
    labels[5] = -100
    assert verdict("labels_valid", train_loader=with_labels(labels)) == "note"
    labels[5] = 77
    loss_fn = nn.CrossEntropyLoss(ignore_index=77)
    assert verdict("labels_valid", train_loader=with_labels(labels), loss_fn=loss_fn) == "note"


def test_float_class_indices_are_proved(run):
    (finding,) = run("labels_valid", train_loader=with_labels(digits_like()[1].float()))
    assert finding.level == "proved"
    assert "refuses them" in finding.summary


@pytest.mark.parametrize(("scale", "expected"), [(1.0, "note"), (0.5, "proved")])
def test_rows_of_soft_targets_must_sum_to_one(verdict, scale, expected):
    soft = scale * (0.8 * F.one_hot(digits_like()[1], 4) + 0.05)
    assert verdict("labels_valid", train_loader=with_labels(soft)) == expected


def test_binary_targets_must_lie_between_0_and_1(verdict):
    wrong = (digits_like()[1] % 3).float()[:, None]
    program = {"model": small_network(1), "loss_fn": nn.BCEWithLogitsLoss()}
    assert verdict("labels_valid", train_loader=with_labels(wrong), **program) == "proved"
    program = {"model": small_network(1), "loss_fn": nn.BCEWithLogitsLoss()}
    assert verdict("labels_valid", train_loader=with_labels(wrong.clamp(max=1)), **program) == "note"


def test_nan_target_is_proved(verdict):
    targets = torch.randn(240, 1, generator=torch.Generator().manual_seed(0))
    targets[7] = float("nan")
    program = {"model": small_network(1), "loss_fn": nn.MSELoss()}
    assert verdict("labels_valid", train_loader=with_labels(targets), **program) == "proved"


def test_targets_that_are_no_tensor_are_skipped(run):
    inputs, labels = digits_like(80)
    batches = [(inputs[:40], {"class": labels[:40]}), (inputs[40:], {"class": labels[40:]})]
    result = run("labels_valid", train_loader=batches, loss_fn=lambda out, y: F.cross_entropy(out, y["class"]))
    assert isinstance(result, Skipped)
    assert "dict" in result.reason


def test_a_late_label_and_one_in_validation_are_proved(run):
    inputs, labels = digits_like(400)
    labels = labels.clone()
    labels[390] = 4
    (finding,) = run("labels_valid", train_loader=loader_of(inputs, labels, shuffle=False))
    assert finding.level == "proved"
    assert "training loader: 1 of 400 labels lie outside 0..3, as 4" in finding.summary
    (finding,) = run("labels_valid", val_loader=loader_of(inputs, labels))
    assert "validation loader" in finding.summary


def test_missing_targets_that_the_loss_leaves_out_are_no_fault(verdict):
    targets = torch.randn(240, 1, generator=torch.Generator().manual_seed(0))
    targets[::9] = float("nan")

    def known_only(outputs, targets):
        known = ~targets.isnan()
        return (outputs - targets)[known].abs().pow(1.5).mean()

    program = {"model": small_network(1), "loss_fn": known_only}
    assert verdict("labels_valid", train_loader=with_labels(targets), **program) == "note"


def test_labels_are_not_blamed_for_outputs_that_the_loss_cannot_take(run):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(64, 4)

        def forward(self, inputs):
            return {"logits": self.layer(inputs.flatten(1))}

    (finding,) = run("labels_valid", model=Named())
    assert finding.level == "note"


def similarity_of_views(first, second):
    return F.cross_entropy(F.normalize(first) @ F.normalize(second).T / 0.2, torch.arange(len(first)))


def two_views_step(model, batch, optimizer):
    loss = similarity_of_views(model(batch[0]), model(batch[1]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@pytest.mark.parametrize(
    "loss_fn", [similarity_of_views, nn.TripletMarginLoss()], ids=["two views", "a loss of three arguments"]
)
def test_a_second_view_is_no_label_where_an_own_step_runs(run, loss_fn):
    views = digits_like()[0]
    given = {"train_loader": loader_of(views, views + 0.1), "loss_fn": loss_fn, "training_step": two_views_step}
    result = run("labels_valid", **given)
    assert isinstance(result, Skipped)
    assert "as targets and did not accept it" in result.reason
    assert "of shape (40, 1, 8, 8)" in result.reason


def test_an_own_step_that_fails_by_the_same_refusal_is_proof(run):
    def own_step(model, batch, optimizer):
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    floats = with_labels(digits_like()[1].float())
    (finding,) = run("labels_valid", train_loader=floats, training_step=own_step)
    assert finding.level == "proved"
    assert "another dtype or shape" in finding.cause
