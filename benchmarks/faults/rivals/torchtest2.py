"""torchtest2 0.1.0: `check_model` on one batch, 18 checks, `FAIL` fails a build and `WARN` does not.

Its opt-in check of gradients is for networks with a backward pass of their own, so it is on where the graph has one.
Output shapes and ranges, and what should be frozen, are for the user to name, and are not named.
"""

from __future__ import annotations

import copy
import importlib
from typing import Any

import torch
from torch import Tensor, nn

from faults.assembly import loss_computer
from faults.program import Program
from faults.rivals.handing_over import first_batch
from faults.rivals.judgement import Alert, CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone

MEANS: dict[str, tuple[str, ...]] = {
    "forward": ("loss_shapes", "labels_valid"),
    "output_shape": ("loss_shapes",),
    "output_finite": ("inputs_finite", "input_scale", "initialization_scale", "exploding_gradients", "output_range"),
    "output_range": ("output_range", "softmax_twice"),
    "output_varies": ("input_independent_baseline", "labels_follow_inputs", "dead_units", "saturated_units",
                      "symmetric_initialization", "vanishing_gradients", "loss_shapes"),
    "eval_determinism": ("evaluation_deterministic", "train_eval_mode"),
    "loss": ("loss_reduction", "loss_shapes", "loss_pairing", "labels_valid", "parameters_trained", "inputs_finite"),
    "initial_loss": ("initial_loss", "initialization_scale", "input_scale", "output_bias", "loss_reduction",
                     "loss_pairing", "labels_follow_inputs", "time_dependency"),
    "optimizer_coverage": ("parameters_trained",),
    "gradient_flow": ("parameters_trained", "vanishing_gradients", "dead_units", "saturated_units"),
    "gradient_magnitude": ("exploding_gradients", "initialization_scale", "input_scale", "learning_rate",
                           "inputs_finite", "loss_reduction"),
    "params_change": ("parameters_trained", "update_ratio", "learning_rate", "vanishing_gradients", "dead_units",
                      "step_direction"),
    "frozen_params": ("parameters_trained",),
    "input_dependency": ("input_independent_baseline", "labels_follow_inputs", "time_dependency"),
    "batch_independence": ("batch_dependency", "time_dependency", "softmax_twice"),
    "overfit_batch": ("overfit_one_batch", "learning_rate", "update_ratio", "loss_pairing", "loss_shapes",
                      "labels_follow_inputs", "capacity_lowers_loss", "exploding_gradients", "inputs_finite",
                      "vanishing_gradients", "step_direction"),
    "gradcheck": ("gradient_check",),
    "gpu": (),
}  # fmt: skip


def judge(program: Program) -> Judgement:
    """One report on the first training batch."""
    package: Any = importlib.import_module("torchtest2")
    arguments, (inputs, targets) = program.arguments, first_batch(program)
    report = package.check_model(
        arguments["model"], inputs, targets, optimizer=arguments["optimizer"],
        gradcheck=has_own_backward(arguments["model"], inputs), **loss_hooks(program),
    )  # fmt: skip
    errors = [result for result in report if "raised " in result.message and str(result.status) == "FAIL"]
    own_failure = fails_alone(program) if errors else ""
    if report["forward"] in errors and not own_failure:
        raise CannotJudgeError(report["forward"].message)
    not_made = [result for result in errors if not own_failure]
    said = {level: tuple(Alert(f"{result.name}: {result.message}", MEANS[result.name], level) for result in report
                         if str(result.status) == level and result not in not_made)
            for level in ("FAIL", "WARN")}  # fmt: skip
    skipped = [result for result in report if str(result.status) == "SKIP"]
    return Judgement(said["FAIL"], said["WARN"], tuple((result.name, result.message) for result in skipped + not_made))


def loss_hooks(program: Program) -> dict[str, Any]:
    """loss_fn, or where the loss is computed otherwise, the hook that the authors give for it."""
    parts = program.parts
    if parts.compute_loss is None:
        return {"loss_fn": program.arguments["loss_fn"]}
    compute = loss_computer(parts)

    def training_pass(model: nn.Module, inputs: Any, targets: Any) -> Tensor:
        return compute(model, parts.form.pack(inputs if isinstance(inputs, tuple) else (inputs,), targets))

    return {"forward_fn": training_pass, "loss_fn": lambda loss, _: loss}


def has_own_backward(model: nn.Module, inputs: Any) -> bool:
    """Whether a hand-written `autograd.Function` is in the outputs' graph: their user would know."""
    with torch.random.fork_rng(devices=[]):
        twin = copy.deepcopy(model)
        try:
            outputs = twin(*inputs) if isinstance(inputs, tuple) else twin(inputs)
        except Exception:  # check_model runs the network too, and reports it
            return False
    tensors = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    waiting, seen = [tensor.grad_fn for tensor in tensors if isinstance(tensor, Tensor)], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            return True
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [following for following, _ in node.next_functions]
    return False
