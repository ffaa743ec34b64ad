"""Linear scaling: k times the examples in a batch, k times the learning rate.

    learning_rate <- learning_rate * batch_size / reference_batch_size

One step on k batches then moves about as far as k steps on one batch each, while the gradient changes
little between them; early in training it does not, so large batches want warm-up too.

Source: Goyal et al. 2017 (arXiv:1706.02677), section 2.1; He et al. 2018 (arXiv:1812.01187), section 3.1.
Measured: ImageNet ResNet-50 75.87 top-1 at batch 256, 75.17 at 1024 with scaling alone, 75.93 with warm-up
(He et al. 2018, table 4).
Hurts: very large batches: CIFAR-10 error 7.70 % at batch 8, 8.09 at 128, 10.57 at 4096
(hysts/pytorch_image_classification); Adam and AdamW, whose rate goes with the square root
(Malladi et al. 2022, arXiv:2205.10287).
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.recipe import Recipe


def scale_learning_rate(learning_rate: float, *, batch_size: int, reference_batch_size: int = 256) -> float:
    """The rate for this batch size of a rate chosen for the reference batch size.

    Raises:
        ValueError: a batch size is below 1.
    """
    return learning_rate * batch_ratio(batch_size, reference_batch_size)


def batch_ratio(batch_size: int, reference_batch_size: int) -> float:
    """How many reference batches a batch is.

    Raises:
        ValueError: a batch size is below 1.
    """
    for name, size in (("batch_size", batch_size), ("reference_batch_size", reference_batch_size)):
        if size < 1:
            raise ValueError(f"{name} must be at least 1 example, got {size}; the usual reference is 256")
    return batch_size / reference_batch_size


@dataclass(frozen=True)
class LinearScaling:
    """Follow the batch. reference_batch_size: the batch that the optimiser's learning rate is meant for."""

    reference_batch_size: int = 256

    def __post_init__(self) -> None:
        scale_learning_rate(1.0, batch_size=1, reference_batch_size=self.reference_batch_size)

    def __call__(self, recipe: Recipe) -> Recipe:
        rate = scale_learning_rate(
            recipe.optimizer.learning_rate,
            batch_size=recipe.batch_size,
            reference_batch_size=self.reference_batch_size,
        )
        return recipe.set_options(self, "optimizer", learning_rate=rate)
