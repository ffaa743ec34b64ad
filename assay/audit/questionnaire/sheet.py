"""Which questions are asked of which inputs."""

from __future__ import annotations

from assay.audit.questionnaire.image_questions import image_questions
from assay.audit.questionnaire.question import Question
from assay.audit.questionnaire.signal_questions import signal_questions
from assay.data.encoders import TableEncoder
from assay.data.specification import Specification

LEAST_SIDE, LEAST_LENGTH = 4, 16


def sheet(shape: tuple[int, ...]) -> tuple[Question, ...]:
    """For the probe's inputs (channels, height, width); what is one pixel high is a signal."""
    return signal_questions(shape) if shape[1] == 1 else image_questions(shape)


def has_columns(specification: Specification) -> bool:
    """Whether the inputs are columns: of a table, or vectors too short for signals."""
    shape = specification.input_shape
    return len(shape) == 1 and (isinstance(specification.encoder, TableEncoder) or shape[0] < LEAST_LENGTH)


def why_no_questions(specification: Specification) -> str:
    """Why there is nothing to ask of such images or signals; empty where there is.

    A vector of an array may be a signal: the questions themselves tell whether neighbours belong together.
    """
    shape = specification.input_shape
    is_signal = specification.is_signal and shape[-1] >= LEAST_LENGTH
    if is_signal or (specification.is_image and min(shape[1:]) >= LEAST_SIDE):
        return ""
    return (
        f"the questions are for images of {LEAST_SIDE} pixels a side or more and for signals of {LEAST_LENGTH} values "
        f"or more; these inputs have the shape {shape}"
    )
