"""A network that no memory holds is refused in one line; other errors stay what they are."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from assay.data.data import Data
from assay.learner import build_learner
from assay.models.builder import ModelBuilder
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.norm.batch_norm import BatchNorm

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (MLP((10**15,)), "1000000000000000"),
        (MLP((10**18,)), "1000000000000000000"),
        (MLP((10**30,)), "1" + 30 * "0"),
        (ResNet(width=10**14), "width=100000000000000"),
        (ConvNet((10**12,)), "1000000000000"),
    ],
    ids=repr,
)
def test_an_absurd_width_is_named_in_one_line(tiny_images: Data, model: ModelBuilder, value: str):
    with pytest.raises(RecipeError, match="this network needs more memory than there is; make it narrower") as caught:
        build_model(Recipe(model), tiny_images.specification, seed=0)
    assert value in str(caught.value)
    assert "\n" not in str(caught.value)


@dataclass(frozen=True)
class Broken:
    """A network that fails while it is built or moved, with this error."""

    error: Exception
    late: bool = False

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        if not self.late:
            raise self.error
        model = nn.Linear(1, 1)
        model.to = self._fail  # pyright: ignore[reportAttributeAccessIssue]
        return model

    def _fail(self, device: torch.device) -> nn.Module:
        raise self.error


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory.")], ids=repr)
def test_memory_that_runs_out_anywhere_is_told(tiny_images: Data, error: Exception, late: bool):
    with pytest.raises(RecipeError, match=r"Broken.*: this network needs more memory than there is"):
        build_learner(Recipe(Broken(error, late)), tiny_images.specification, seed=0, device=CPU)


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), TypeError("no such option")], ids=repr)
def test_another_error_stays_what_it_is(tiny_images: Data, error: Exception):
    with pytest.raises(type(error), match=str(error)):
        build_learner(Recipe(Broken(error)), tiny_images.specification, seed=0, device=CPU)


def test_a_refusal_names_the_tricks_that_changed_the_network_before(tiny_images: Data):
    """Batch norm takes the hidden biases that the filler is to fill, whichever comes first in the stack."""
    filler = FillerInit("constant", "biases", 0.1)
    for tricks in ((BatchNorm(), filler), (filler, BatchNorm())):
        with pytest.raises(
            RecipeError,
            match=r"^FillerInit: model must have hidden layers with a bias, .*; the network is as BatchNorm left it$",
        ):
            build_model(Recipe(MLP((4,))) | tricks[0] | tricks[1], tiny_images.specification, seed=0)
    with pytest.raises(RecipeError, match=r"take the trick that sets hidden biases out$"):
        build_model(Recipe(ResNet(width=2)) | filler, tiny_images.specification, seed=0)
