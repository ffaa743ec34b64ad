"""Where the tree leads after a training, as one finding of the stage that trained.

Source: Goodfellow et al. 2016, sections 11.2 and 11.3.
"""

from __future__ import annotations

from assay.advice.decision_tree import DONE, QUESTIONS, TreePath
from assay.advice.from_training import advise
from assay.data.data import Data
from assay.figure import Table
from assay.finding import Finding
from assay.training.train import Run

SOURCE = "Goodfellow et al. 2016, sections 11.2 and 11.3"


def tell_next_step(run: Run, data: Data) -> Finding:
    """The path, and the advice it leads to; its command needs the folder, which is not known here."""
    found = advise(run, data)
    first = next((one for one in found.advice if one.rule == found.path.leads_to), None)
    fix = "" if first is None else f"{first.action} `assay advise` on this run's folder gives the command."
    return describe_path(found.path, fix=fix, cause="" if first is None else first.cause)


def describe_path(path: TreePath, *, fix: str = "", cause: str = "") -> Finding:
    """Each branch with the numbers that decided it."""
    asked = [
        (one.question, f"{one.measured}; `{one.measure}` measures it" if one.measure else one.measured, one.answer)
        for one in path.branches
    ]
    left = () if path.conclusion == DONE else QUESTIONS[len(asked) :]
    rows = (*asked, *((question, "", "not asked") for question in left))
    evidence = {"leads_to": path.leads_to, "branches": [vars(one) for one in path.branches]}
    figure = Table("The path through the tree", ("question", "measured", "answer"), rows)
    return Finding("decision_path", "note", path.conclusion, evidence, cause, fix, SOURCE, (figure,))
