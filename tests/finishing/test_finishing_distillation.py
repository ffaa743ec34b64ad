import pytest
import torch
from torch import Tensor, nn

from assay.data.data import Data
from assay.finishing.distillation import TeacherTargets, distil_recipe
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.training.train import train
from assay.tricks.batch.mixup import Mixup

CLOCK = Clock(0, 10, 10)
RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=2)


class Teacher(nn.Module):
    """Answers probabilities (.75, .25, 0) on everything, and remembers what it saw."""

    def __init__(self, classes: bool = True) -> None:
        super().__init__()
        self.layer, self.seen = nn.Linear(1, 1), []
        self.row = torch.tensor([0.75, 0.25, 1e-30]).log() if classes else torch.tensor([3.0])

    def forward(self, inputs: Tensor) -> Tensor:
        assert not self.training
        self.seen.append(inputs)
        return self.row.expand(len(inputs), -1) + 0.0 * self.layer.weight.sum()


def edit(teacher: nn.Module, targets: Tensor, weight: float, classes: bool = True) -> Tensor:
    inputs = torch.zeros(len(targets), 2)
    same, changed = TeacherTargets(teacher.eval(), weight, classes)(inputs, targets, torch.Generator(), CLOCK)
    assert same is inputs
    return changed


def test_targets_are_mixed_by_hand() -> None:
    """.5 * (0, 0, 1) + .5 * (.75, .25, 0)."""
    changed = edit(Teacher(), torch.tensor([[0.0, 0.0, 1.0]]), 0.5)
    assert torch.allclose(changed, torch.tensor([[0.375, 0.125, 0.5]]))


def test_rows_still_sum_to_one_and_carry_no_gradient() -> None:
    changed = edit(Teacher(), torch.eye(3), 0.7)
    assert torch.allclose(changed.sum(1), torch.ones(3))
    assert not changed.requires_grad


def test_weight_0_leaves_the_labels_and_1_takes_the_teachers() -> None:
    targets = torch.eye(3)
    assert torch.equal(edit(Teacher(), targets, 0.0), targets)
    assert torch.allclose(edit(Teacher(), targets, 1.0), torch.tensor([[0.75, 0.25, 0.0]] * 3))


def test_regression_mixes_values() -> None:
    assert torch.allclose(
        edit(Teacher(classes=False), torch.tensor([[1.0]]), 0.5, classes=False), torch.tensor([[2.0]])
    )


def test_the_student_learns_gently_by_the_same_tricks() -> None:
    recipe = RECIPE | Mixup(0.2)
    student = distil_recipe(recipe, Teacher(), share=0.3)
    assert student.optimizer.learning_rate == pytest.approx(0.3e-2)
    assert student.tricks == recipe.tricks
    assert len(student.batch_edits) == 2
    assert isinstance(student.batch_edits[-1], TeacherTargets)
    assert recipe.optimizer.learning_rate == 1e-2


def test_the_teacher_sees_the_very_batches_the_student_sees(tiny_images: Data) -> None:
    class FourClasses(Teacher):
        def __init__(self) -> None:
            super().__init__()
            self.row = torch.zeros(4)

    teacher = FourClasses()
    run = train(distil_recipe(RECIPE, teacher), tiny_images)
    assert len(teacher.seen) == run.steps == 6
    assert all(inputs.shape == (8, 1, 8, 8) for inputs in teacher.seen)


def test_a_student_of_regression_trains(tiny_table: Data) -> None:
    recipe = Recipe(model=MLP(hidden=(8,)), loss=MeanSquaredError(), batch_size=8, epochs=1)
    run = train(distil_recipe(recipe, Teacher(classes=False)), tiny_table)
    assert torch.tensor(run.history.losses).isfinite().all()


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_refuses_weights_outside_0_to_1(weight: float) -> None:
    with pytest.raises(ValueError, match=r"weight must be in \[0, 1\]"):
        distil_recipe(RECIPE, Teacher(), weight=weight)
