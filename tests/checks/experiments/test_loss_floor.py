import math

import pytest
import torch
import torch.nn.functional as F
from check_programs import loader_of, pipeline_of
from torch import nn

from assay.checks.experiments.loss_floor import blind_floor_of, equal_inputs, floor_of

INPUTS = torch.tensor([[0.0], [0.0], [1.0], [2.0]])


def pipeline_for(targets, loss_fn, outputs):
    model = nn.Linear(1, outputs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = loader_of(INPUTS, targets, shuffle=False)
    return pipeline_of({"model": model, "train_loader": loader, "loss_fn": loss_fn, "optimizer": optimizer})


def test_equal_inputs_share_a_group():
    assert equal_inputs((INPUTS, torch.zeros(4))).tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize("loss_fn", [nn.CrossEntropyLoss(), nn.NLLLoss()], ids=["cross entropy", "nll"])
def test_conflicting_labels_cost_their_entropy(loss_fn):
    pipeline = pipeline_for(torch.tensor([0, 1, 0, 1]), loss_fn, 2)
    batch = pipeline.examples(4)
    assert floor_of(pipeline, batch) == pytest.approx(0.5 * math.log(2), abs=0.01)  # two of four stay uncertain
    assert blind_floor_of(pipeline, batch) == pytest.approx(math.log(2), abs=1e-4)


def test_squared_error_by_hand():
    pipeline = pipeline_for(torch.tensor([[100.0], [104.0], [100.0], [104.0]]), nn.MSELoss(), 1)
    batch = pipeline.examples(4)
    assert floor_of(pipeline, batch) == pytest.approx(2.0)  # 4 and 4 about 102, 0 and 0 elsewhere
    assert blind_floor_of(pipeline, batch) == pytest.approx(4.0)


def test_smoothed_labels_have_their_entropy_as_floor():
    pipeline = pipeline_for(torch.tensor([0, 0, 0, 1]), nn.CrossEntropyLoss(label_smoothing=0.2, reduction="sum"), 2)
    batch = pipeline.examples(4)
    batch = (torch.arange(4.0)[:, None], batch[1])
    assert floor_of(pipeline, batch) == pytest.approx(4 * -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)), rel=1e-4)


@pytest.mark.parametrize("swapped", [False, True], ids=["as they come", "classes first"])
def test_a_loss_may_view_the_outputs_as_it_views_those_of_the_model(swapped):
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(3, 3)

        def forward(self, words):
            return self.table(words).transpose(1, 2) if swapped else self.table(words)

    def loss_fn(outputs, targets):
        rows = outputs.transpose(1, 2) if swapped else outputs
        return F.cross_entropy(rows.view(-1, 3), targets.view(-1))

    model, words = Tagger(), torch.arange(12).reshape(4, 3) % 3
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    given = {"model": model, "train_loader": loader_of(words, words), "loss_fn": loss_fn, "optimizer": optimizer}
    pipeline = pipeline_of(given)
    assert blind_floor_of(pipeline, pipeline.examples(4)) == pytest.approx(math.log(3), abs=1e-3)
