"""Every optimiser goes on after a checkpoint as if nothing had happened, bit for bit."""

import pytest
import torch

from assay.data.data import Data
from assay.models.resnet import ResNet
from assay.optimizers import OPTIMIZERS, OptimizerBuilder
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.catalog import TRICKS
from assay.tricks.schedule.one_cycle import OneCycle

BUILDERS = [trick for trick in TRICKS if hasattr(trick, "build") and hasattr(trick, "learning_rate")]


def test_all_of_them_are_optimizer_builders():
    assert len(BUILDERS) > 14
    assert all(isinstance(builder(), OptimizerBuilder) for builder in (*OPTIMIZERS, *BUILDERS))


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_resumes_bit_for_bit(builder, tiny_images: Data, tmp_path):
    recipe = Recipe(model=ResNet(width=2), batch_size=12, epochs=2) | builder() | OneCycle()

    def trained(training: Training) -> dict[str, torch.Tensor]:
        for step in training:
            assert torch.isfinite(step.loss)
        return training.learner.model.state_dict()

    whole = trained(Training(recipe, tiny_images, evaluations=1))
    halved = Training(recipe, tiny_images, evaluations=1, checkpoint=tmp_path / "t")
    for _ in zip(range(2), halved, strict=False):
        pass
    halved.save()
    again = trained(Training(recipe, tiny_images, evaluations=1, checkpoint=tmp_path / "t"))
    assert not [name for name in whole if not torch.equal(whole[name], again[name])]
    fresh = dict(Training(recipe, tiny_images).learner.model.named_parameters())
    assert any(not torch.equal(fresh[name], again[name]) for name in fresh), "nothing was trained"
