"""Batches and outputs by name, as Hugging Face has them, with a loss that reads the outputs by attribute."""

import pytest
import torch
import torch.nn.functional as F
from check_programs import pipeline_of
from torch import Tensor, nn

from assay.checks.given.loss_of_tensor import loss_of_tensor
from assay.checks.verify import run_check
from assay.finding import Skipped


class Named(dict):
    """Items by attribute; a missing one is a KeyError, as careless classes of this kind raise it."""

    __getattr__ = dict.__getitem__


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.head = nn.Embedding(12, 8), nn.Linear(8, 4)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor | None = None) -> Named:
        hidden = (self.words(input_ids) * attention_mask[..., None]).sum(1) / attention_mask.sum(1, keepdim=True)
        logits = self.head(hidden)
        return Named(logits=logits) if labels is None else Named(loss=F.cross_entropy(logits, labels), logits=logits)


def batches() -> list[dict[str, Tensor]]:
    labels = torch.arange(48) % 4
    words = torch.randint(4, 12, (48, 5), generator=torch.Generator().manual_seed(0))
    words[:, 0] = labels
    mask = torch.ones(48, 5, dtype=torch.long)
    rows = [slice(0, 24), slice(24, 48)]
    return [{"input_ids": words[at], "attention_mask": mask[at], "labels": labels[at]} for at in rows]


def of_logits(outputs, targets):
    return F.cross_entropy(outputs.logits, targets)


def test_a_loss_by_attribute_is_recognised_and_probed(program):
    pipeline = pipeline_of(program(model=Classifier(), train_loader=batches(), loss_fn=of_logits))
    assert pipeline.loss_kind.name == "cross_entropy"
    made_up = torch.randn(24, 4)
    targets = batches()[0]["labels"]
    assert torch.equal(pipeline.loss_fn(made_up, targets), F.cross_entropy(made_up, targets))


@pytest.mark.parametrize("name", ["loss_reduction", "loss_clipping", "input_independent_baseline", "initial_loss"])
def test_checks_of_the_loss_pass_a_healthy_program(verdict, name):
    assert verdict(name, model=Classifier(), train_loader=batches(), loss_fn=of_logits) == "note"


def test_a_clamped_loss_by_attribute_is_proved(verdict):
    def clamped(outputs, targets):
        return F.cross_entropy(outputs.logits, targets, reduction="none").clamp(max=1.5).mean()

    assert verdict("loss_clipping", model=Classifier(), train_loader=batches(), loss_fn=clamped) == "proved"


def test_a_loss_of_the_models_own_is_told_where_its_targets_are(program):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        return loss

    given = program(
        model=Classifier(), train_loader=batches(), loss_fn=lambda outputs, targets: outputs.loss, training_step=step
    )
    pipeline = pipeline_of(given)

    def read_the_loss(pipeline):
        pipeline.loss(pipeline.model, pipeline.batches[0])

    skipped = run_check("some_check", read_the_loss, pipeline)
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("loss_fn raises KeyError: 'loss' for what the model returns; inputs go in without")


def test_a_loss_that_reads_more_than_one_tensor_stays_whole():
    targets = torch.arange(4)
    whole = {"logits": torch.randn(4, 4), "aux": torch.randn(4, 4)}
    assert loss_of_tensor(lambda outputs, targets: outputs["aux"].sum(), whole, targets) is None
    alone = {"logits": torch.randn(4, 4)}
    adapted = loss_of_tensor(lambda outputs, targets: F.cross_entropy(outputs["logits"], targets), alone, targets)
    assert adapted is not None
    assert torch.equal(adapted(alone, targets), adapted(alone["logits"], targets))


def test_a_batch_of_three_says_how_several_targets_are_given(program):
    inputs, classes, values = torch.randn(16, 4), torch.arange(16) % 3, torch.randn(16)

    def loss_fn(outputs, targets):
        labels, wanted = targets
        return F.cross_entropy(outputs[:, :3], labels) + F.mse_loss(outputs[:, 3], wanted)

    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = loss_fn(model(batch[0]), batch[1:])
        loss.backward()
        optimizer.step()
        return loss

    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(inputs, classes, values), 8)
    given = program(model=nn.Linear(4, 4), train_loader=loader, loss_fn=loss_fn, training_step=step)

    def read_the_loss(pipeline):
        pipeline.loss(pipeline.model, pipeline.batches[0])
        return []

    skipped = run_check("some_check", read_the_loss, pipeline_of(given))
    assert isinstance(skipped, Skipped)
    assert skipped.failed
    assert "for the second of 3 items of a batch" in skipped.reason
    assert "with several targets in a tuple" in skipped.reason
