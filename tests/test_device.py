"""Which device is chosen, and which are refused."""

from contextlib import nullcontext

import pytest
import torch

from assay.device import choose_device, multiplies_bf16
from assay.errors import InputError


def test_without_a_name_it_is_the_first_accelerator_or_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device() == torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == torch.device("cpu")


@pytest.mark.parametrize("name", ["cpu", torch.device("cpu")], ids=repr)
def test_a_name_is_obeyed(name):
    assert choose_device(name) == torch.device("cpu")


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(InputError, match="device 'cuda' was asked for, but PyTorch sees no GPU; leave --device out"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(InputError, match="device 'cuda:2' was asked for, but PyTorch sees 2 GPU"):
        choose_device("cuda:2")


def test_the_device_that_trains_is_asked_about_bf16(monkeypatch):
    entered = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device", lambda device: entered.append(device) or nullcontext())
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: not including_emulation)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert not multiplies_bf16(torch.device("cpu")), "a GPU beside it does not speed a training on the CPU"
    assert not entered
    assert multiplies_bf16(torch.device("cuda", 1))
    assert multiplies_bf16()
    assert entered == [torch.device("cuda", 1), torch.device("cuda")]


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x", "meta"])
def test_anything_else_is_refused_in_one_line(name):
    with pytest.raises(InputError, match=f"device '{name}' is not one of cpu, cuda; leave --device out") as caught:
        choose_device(name)
    assert "\n" not in str(caught.value)
