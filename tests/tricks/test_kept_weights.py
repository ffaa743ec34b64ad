import torch
from torch import nn

from assay.tricks.kept_weights import NOW, forget, keep, kept, labels, only_now


def test_copies_under_labels_share_no_memory_with_the_model():
    model, state = nn.BatchNorm1d(2), {}
    keep(state, NOW, model)
    assert only_now(state)
    keep(state, "7", model)
    with torch.no_grad():
        model.weight.fill_(5.0)
    assert torch.equal(kept(state, "7")["weight"], torch.ones(2))
    assert labels(state) == [NOW, "7"]
    assert set(kept(state, "7")) == set(model.state_dict())
    memory = state["7/weight"]
    keep(state, "7", model)
    assert state["7/weight"] is memory
    assert memory.tolist() == [5.0, 5.0]
    forget(state, NOW)
    assert labels(state) == ["7"]
    assert not only_now(state)
    forget(state, "7")
    assert state == {}
    assert not only_now(state)
