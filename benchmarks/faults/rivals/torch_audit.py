"""torch-audit 0.3.0: `autopatch` around the program's own training, every step audited, static and initial rules too.

`ERROR` and `FATAL` fail a build, `WARN` warns, `INFO` informs. Rules of the category "Performance" are advice on speed.
"""

from __future__ import annotations

import importlib
from typing import Any

from faults.program import Program
from faults.rivals.judgement import Alert, CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone, train_as_planned

MEANS: dict[str, tuple[str, ...]] = {
    "TA100": ("inputs_finite", "exploding_gradients", "learning_rate", "initialization_scale", "loss_reduction",
              "input_scale"),
    "TA102": ("exploding_gradients", "learning_rate", "initialization_scale", "input_scale", "loss_reduction"),
    "TA103": ("dead_units", "vanishing_gradients", "parameters_trained"),
    "TA104": ("parameters_trained", "gradients_cleared", "step_direction"),
    "TA105": ("dead_units", "saturated_units", "initialization_scale", "learning_rate"),
    "TA200": (),
    "TA201": (),
    "TA202": (),
    "TA203": (),
    "TA300": (),
    "TA301": ("input_scale",),
    "TA302": ("inputs_finite", "input_scale", "augmentation_strength", "labels_follow_inputs", "duplicate_examples"),
    "TA303": ("input_scale",),
    "TA304": ("batch_dependency", "train_eval_mode"),
    "TA305": ("labels_valid", "inputs_finite", "input_scale"),
    "TA400": (),
    "TA401": ("weight_decay_groups", "weight_decay_strength"),
    "TA402": ("weight_decay_groups", "weight_decay_strength"),
    "TA403": ("weight_decay_groups", "weight_decay_strength"),
    "TA404": (),
    "TA405": ("dead_units", "symmetric_initialization", "initialization_scale"),
    "TA500": ("parameters_trained",),
    "TA501": ("train_eval_mode", "batch_dependency"),
}  # fmt: skip


def judge(program: Program) -> Judgement:
    """Findings after the training, each rule once for each place that it names."""
    package: Any = importlib.import_module("torch_audit")
    auditor = package.autopatch(program.arguments["model"], optimizer=program.arguments["optimizer"], every_n_steps=1)
    try:
        train_as_planned(program, lambda loss: None)
    except Exception as error:
        if not fails_alone(program):
            raise CannotJudgeError(f"{type(error).__name__}: {error}") from error
    auditor.unpatch()
    result = auditor.finish()
    crashed = tuple(sorted({(finding.rule_id, finding.message) for finding in result.findings
                            if finding.rule_id == "TA000"}))  # fmt: skip
    found = {finding.get_fingerprint(): finding for finding in reversed(result.findings)
             if finding.rule_id != "TA000" and result.rules[finding.rule_id].category != "Performance"}  # fmt: skip
    said = {level: tuple(_alert(finding) for finding in found.values() if finding.severity.value in level)
            for level in (("ERROR", "FATAL"), ("WARN",))}  # fmt: skip
    return Judgement(said["ERROR", "FATAL"], said[("WARN",)], crashed)


def _alert(finding: Any) -> Alert:
    where = f" in {finding.module_path}" if finding.module_path else ""
    return Alert(f"{finding.rule_id}{where}: {finding.message}", MEANS[finding.rule_id], finding.severity.value)
