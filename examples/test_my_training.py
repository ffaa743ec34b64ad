"""Put the checks into your own test suite: this test fails with what is wrong and what to do about it.

pytest examples/test_my_training.py
"""

import torch
from torch.utils.data import DataLoader, TensorDataset

import assay


def make_program():
    """Your own model, data, loss and optimiser would stand here."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(512, 20, generator=generator)
    targets = (inputs[:, 0] > 0).long()
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=32)
    model = torch.nn.Sequential(torch.nn.Linear(20, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))
    return model, loader, torch.nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=1e-3)


def test_training_is_sound():
    assay.verify(*make_program(), budget_seconds=20).raise_if_alert()
