from contextlib import nullcontext

import pytest
import torch

from assay.recipe import Recipe, RecipeError
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.precision.tf32 import TF32, matmul_precision


def test_the_setting_holds_inside_and_is_put_back_whatever_it_was():
    for before in ("highest", "medium"):
        with matmul_precision(before):
            with TF32().autocast("cuda"):
                assert torch.get_float32_matmul_precision() == "high"
            assert torch.get_float32_matmul_precision() == before
    assert torch.get_float32_matmul_precision() == "highest"


def leave_with_an_error() -> None:
    with TF32().autocast("cuda"):
        raise KeyError("in the block")


def test_it_is_put_back_after_an_error():
    with pytest.raises(KeyError, match="in the block"):
        leave_with_an_error()
    assert torch.get_float32_matmul_precision() == "highest"


def test_a_processor_computes_as_before():
    assert isinstance(TF32().autocast("cpu"), nullcontext)
    matrix = torch.randn(9, 9, generator=torch.Generator().manual_seed(0))
    expected = matrix @ matrix
    with TF32().autocast("cpu"):
        assert torch.equal(matrix @ matrix, expected)


def test_it_fills_the_slot_with_itself_and_needs_no_scale():
    assert (Recipe() | TF32()).precision == TF32()
    assert TF32().make_scaler("cuda") is None
    with pytest.raises(RecipeError, match="TF32 and MixedPrecision both set precision; keep one"):
        _ = Recipe() | MixedPrecision() | TF32()


@pytest.mark.gpu
def test_products_are_rounded_on_a_gpu_and_exact_again_after():
    matrix = torch.randn(256, 256, generator=torch.Generator().manual_seed(0)).cuda()
    exact = matrix @ matrix
    with TF32().autocast("cuda"):
        error = (matrix @ matrix - exact).abs().max() / exact.abs().max()
    assert 0 < error < 2**-8
    assert torch.equal(matrix @ matrix, exact)
