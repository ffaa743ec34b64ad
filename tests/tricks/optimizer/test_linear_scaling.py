import pytest

from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.optimizer.linear_scaling import LinearScaling, scale_learning_rate


def test_the_papers_own_cases():
    assert scale_learning_rate(0.1, batch_size=256) == 0.1
    assert scale_learning_rate(0.1, batch_size=1024) == pytest.approx(0.4)
    assert scale_learning_rate(0.1, batch_size=8192) == pytest.approx(3.2)
    assert scale_learning_rate(0.1, batch_size=64) == pytest.approx(0.025)


def test_the_trick_reads_the_recipes_batch_size_also_after_a_change():
    recipe = Recipe(optimizer=SGD(0.1), batch_size=512) | LinearScaling(128)
    assert recipe.optimizer == SGD(0.4)
    assert recipe.change(batch_size=64).optimizer.learning_rate == pytest.approx(0.05)
    assert recipe.baseline.optimizer == SGD(0.1)


def test_at_the_reference_it_changes_nothing():
    assert (Recipe(optimizer=SGD(0.3), batch_size=256) | LinearScaling()).optimizer == SGD(0.3)


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="reference_batch_size must be at least 1 example, got 0"):
        LinearScaling(0)
    with pytest.raises(ValueError, match="batch_size must be at least 1 example, got -8"):
        scale_learning_rate(0.1, batch_size=-8)
