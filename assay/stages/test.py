"""The test split, read once, at the end of a run."""

from __future__ import annotations

from typing import Any

from assay.artifact import load_model
from assay.audit.similar.leaked_examples import tell_leaked
from assay.data.data import Data
from assay.evaluation import Evaluation, evaluate
from assay.example_scores import keep_scores
from assay.finding import Finding, Report
from assay.finishing.examine import confusion, first_filters, prediction_dynamics, worst_errors
from assay.run_folder import AUDIT
from assay.stages.session import Result, Session
from assay.training.history import History


def test_stage(session: Session, data: Data, history: dict[str, Any]) -> Result:
    """Read the test split, once, with the model that ships."""
    model = load_model(session.folder)
    specification = data.specification
    evaluation = evaluate(model.module.to(session.device), data.test, specification)
    findings = [
        worst_errors(evaluation, data.test, specification),
        *_of_classes(session, data, evaluation),
        first_filters(model.module),
        prediction_dynamics(History.from_dict(history), data.validation.targets, specification),
    ]
    report = Report("test", tuple(finding for finding in findings if finding is not None))
    return {"report": report.to_dict(), "test": evaluation.plain_score, "test_model": model.recipe.key(),
            "examples": keep_scores(data.test.ids, evaluation.example_scores)}  # fmt: skip


def _of_classes(session: Session, data: Data, evaluation: Evaluation) -> tuple[Finding | None, ...]:
    """What is told of a test where answers are right or wrong."""
    if data.specification.task != "classification":
        return ()
    leaked = tell_leaked(session.folder / AUDIT, data.test.ids, evaluation.correct.numpy())
    return confusion(evaluation, data.specification), leaked
