import pytest

from assay.optimizers import Adam
from assay.recipe import Recipe, RecipeError
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.square_root_scaling import SquareRootScaling, scale_by_square_root


def test_four_times_the_batch_is_twice_the_rate():
    assert scale_by_square_root(0.1, batch_size=1024) == pytest.approx(0.2)
    assert scale_by_square_root(0.1, batch_size=64) == pytest.approx(0.05)
    assert scale_by_square_root(0.1, batch_size=256) == 0.1


def test_the_trick_reads_the_recipes_batch_size_also_after_a_change():
    recipe = Recipe(optimizer=Adam(0.1), batch_size=512) | SquareRootScaling(128)
    assert recipe.optimizer == Adam(0.2)
    assert recipe.change(batch_size=32).optimizer.learning_rate == pytest.approx(0.05)


def test_one_rule_at_a_time():
    with pytest.raises(RecipeError, match="LinearScaling and SquareRootScaling both set the optimizer's learning_rate"):
        Recipe() | SquareRootScaling() | LinearScaling()


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="reference_batch_size must be at least 1 example, got 0"):
        SquareRootScaling(0)
    with pytest.raises(ValueError, match="batch_size must be at least 1 example, got -8"):
        scale_by_square_root(0.1, batch_size=-8)
