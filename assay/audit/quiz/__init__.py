"""The human baseline: a person answers random held-out examples, blind and timed; some are shown twice.

plan = draw_plan(data, questions=100, seed=0)
question = next_question(plan, read_answers(path).answers, "anna")
append_answer(path, reply(question, "anna", label="cat", seconds=4.2))
report = tell_result(data, plan, read_answers(path))
"""

from typing import TYPE_CHECKING, Any

from assay.audit.quiz.answers import Answer, AnswerLog, append_answer, check_appendable, read_answers, reply, take_back
from assay.audit.quiz.plan import Plan, Question, draw_plan
from assay.audit.quiz.seen import is_sealed, note_seen
from assay.audit.quiz.standing import last_answered, next_question, standing_answers

if TYPE_CHECKING:
    from assay.audit.quiz.result import Rival, tell_result

__all__ = [
    "Answer",
    "AnswerLog",
    "Plan",
    "Question",
    "Rival",
    "append_answer",
    "check_appendable",
    "draw_plan",
    "is_sealed",
    "last_answered",
    "next_question",
    "note_seen",
    "read_answers",
    "reply",
    "standing_answers",
    "take_back",
    "tell_result",
]


def __getattr__(name: str) -> Any:
    # Imported when they are first used: kappas bring SciPy, and a quiz should begin at once.
    if name in ("Rival", "tell_result"):
        from assay.audit.quiz import result

        return getattr(result, name)
    raise AttributeError(f"module 'assay.audit.quiz' has no attribute {name!r}")
