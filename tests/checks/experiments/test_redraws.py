"""Weights are drawn anew in every layer that can draw its own, attention's input projection among them."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from assay.checks.experiments.redraws import draw_anew


def zeroed(model: nn.Module) -> Any:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    return model


def test_every_weight_of_attention_is_drawn():
    torch.manual_seed(0)
    model = zeroed(nn.TransformerEncoderLayer(8, 2, 16))
    draw_anew(model)
    left = [name for name, parameter in model.named_parameters() if not bool(parameter.any())]
    assert left == ["self_attn.in_proj_bias", "norm1.bias", "norm2.bias"]  # zero as PyTorch draws them


def test_attention_with_keys_of_another_size_is_drawn():
    torch.manual_seed(0)
    model = zeroed(nn.MultiheadAttention(8, 2, kdim=4, vdim=6))
    draw_anew(model)
    weights = (model.q_proj_weight, model.k_proj_weight, model.v_proj_weight, model.out_proj.weight)
    assert all(bool(weight.any()) for weight in weights)


def test_parameters_that_nothing_draws_stay():
    model = zeroed(nn.Sequential(nn.Linear(4, 4), nn.ReLU()))
    own = nn.Parameter(torch.full((3,), 7.0))
    model.register_parameter("own", own)
    draw_anew(model)
    assert own.tolist() == [7.0, 7.0, 7.0]
    assert bool(model[0].weight.any())
