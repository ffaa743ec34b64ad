"""preflight-ml 0.1.1: `run_checks` on loader, network, loss and validation loader, as its command line calls it.

A failed `FATAL` check fails a build, a failed `WARN` check warns, and `INFO` informs.
"""

from __future__ import annotations

import importlib
from typing import Any

from faults.program import Program
from faults.rivals.handing_over import PairLoader, model_and_loss
from faults.rivals.judgement import Alert, CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone

MEANS: dict[str, tuple[str, ...]] = {
    "nan_inf_detection": ("inputs_finite", "labels_valid"),
    "normalisation_sanity": ("input_scale",),
    "channel_ordering": ("input_scale",),
    "label_leakage": ("train_validation_overlap", "duplicate_examples"),
    "split_sizes": ("train_validation_shift",),
    "vram_estimation": (),
    "class_imbalance": ("class_balance", "output_bias", "labels_valid"),
    "shape_mismatch": ("loss_shapes",),
    "gradient_check": ("parameters_trained", "vanishing_gradients", "exploding_gradients", "dead_units",
                       "saturated_units", "learning_rate", "initialization_scale", "input_scale", "loss_reduction"),
}  # fmt: skip
CRASHES = (
    "Check raised an unexpected error", "Could not iterate dataloader", "Could not get a batch", "Backward pass failed",
    "Model forward pass failed",
)  # fmt: skip


def judge(program: Program) -> Judgement:
    """The failed checks."""
    package: Any = importlib.import_module("preflight.runner")
    train, validation = program.arguments["train_loader"], program.arguments["val_loader"]
    if program.parts.form.inputs or len(program.parts.train.inputs) > 1:
        train, validation = PairLoader(program, train), PairLoader(program, validation)
    model, loss_fn = model_and_loss(program)
    results = package.run_checks(train, model=model, loss_fn=loss_fn, config={"val_dataloader": validation})
    crashed = [result for result in results if not result.passed and result.message.startswith(CRASHES)]
    if crashed and fails_alone(program):
        crashed = []
    if len(crashed) == len(results):
        raise CannotJudgeError(crashed[0].message)
    said = {level: tuple(Alert(f"{result.name}: {result.message}", MEANS.get(result.name, ()), level)
                         for result in results
                         if not result.passed and result.severity.value == level and result not in crashed)
            for level in ("fatal", "warn")}  # fmt: skip
    return Judgement(said["fatal"], said["warn"], tuple((result.name, result.message) for result in crashed))
