"""All checks in the order they are made: cheap and exact first, experiments last.

A smaller budget makes a prefix of this order.
"""

from __future__ import annotations

from collections.abc import Callable

from assay.checks import (
    batch_dependency,
    dead_units,
    evaluation_deterministic,
    exploding_gradients,
    gradients_cleared,
    initial_loss,
    initialization_scale,
    input_independent_baseline,
    input_scale,
    inputs_finite,
    labels_valid,
    learning_rate,
    learning_rate_schedule,
    loss_clipping,
    loss_pairing,
    output_bias,
    output_range,
    overfit_one_batch,
    parameters_trained,
    pictures,
    replicas_equal,
    saturated_units,
    seed_reproducible,
    softmax_twice,
    step_direction,
    symmetric_initialization,
    train_validation_overlap,
    update_ratio,
    vanishing_gradients,
    weight_decay_groups,
)
from assay.checks.pipeline import CheckResult, Pipeline

Check = Callable[[Pipeline], CheckResult]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("inputs_finite", inputs_finite.check),
    ("labels_valid", labels_valid.check),
    ("input_scale", input_scale.check),
    ("network_inputs", pictures.check),
    ("initial_loss", initial_loss.check),
    ("output_bias", output_bias.check),
    ("loss_pairing", loss_pairing.check),
    ("softmax_twice", softmax_twice.check),
    ("output_range", output_range.check),
    ("evaluation_deterministic", evaluation_deterministic.check),
    ("batch_dependency", batch_dependency.check),
    ("seed_reproducible", seed_reproducible.check),
    ("symmetric_initialization", symmetric_initialization.check),
    ("gradients_cleared", gradients_cleared.check),
    ("step_direction", step_direction.check),
    ("weight_decay_groups", weight_decay_groups.check),
    ("replicas_equal", replicas_equal.check),
    ("loss_clipping", loss_clipping.check),
    ("learning_rate_schedule", learning_rate_schedule.check),
    ("parameters_trained", parameters_trained.check),
    ("learning_rate", learning_rate.check),
    ("train_validation_overlap", train_validation_overlap.check),
    ("initialization_scale", initialization_scale.check),
    ("dead_units", dead_units.check),
    ("saturated_units", saturated_units.check),
    ("vanishing_gradients", vanishing_gradients.check),
    ("exploding_gradients", exploding_gradients.check),
    ("update_ratio", update_ratio.check),
    ("overfit_one_batch", overfit_one_batch.check),
    ("input_independent_baseline", input_independent_baseline.check),
)
