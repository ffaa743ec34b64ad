"""Which labels to look at, most suspicious first, and why: by the models of `assay clean`, else by the audit alone."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.audit.decisions.decision import Label
from assay.finding import Finding, Report
from assay.ui.subject import Subject

if TYPE_CHECKING:
    import polars as pl

GROUPS = {
    "duplicate_group": "An equal example is labelled otherwise",
    "near_group": "A nearly equal example is labelled otherwise",
}
EXAMPLES = "examples"
"""A finding that names examples which were drawn by chance, and are no suspects."""
TYPICAL = 5
ODDS_END = 20.0
SUSPICIOUS = "suspicious_labels"
"""The finding of `assay clean` about the labels it flags."""


@dataclass(frozen=True, eq=False)
class Suspects:
    """What there is to review of one subject."""

    subject: Subject

    @cached_property
    def is_judged(self) -> bool:
        """Whether models judged the labels."""
        return "score" in self.subject.table.columns

    @cached_property
    def queues(self) -> dict[str, tuple[str, np.ndarray]]:
        """The name of each queue with its words and its rows, in the order of review; the first is the usual one."""
        if not self.is_judged:
            return {"audit": ("suspects of the audit", np.array(list(self.reasons), dtype=np.int64))}
        table = self.subject.table.filter(self.subject.table["score"].is_not_null())
        table = table.sort("score", descending=True, nulls_last=True, maintain_order=True)
        found = {"all": ("all, most suspicious first", table["row"].to_numpy())}
        if "flagged" in table.columns:
            found = {"flagged": ("flagged labels", table.filter(table["flagged"])["row"].to_numpy()), **found}
        if "sample" in table.columns and table["sample"].is_not_null().any():
            drawn = table.filter(table["sample"].is_not_null()).sort("sample")
            found["sample"] = ("random sample", drawn["row"].to_numpy())
        return found

    @cached_property
    def reasons(self) -> dict[int, str]:
        """Rows that the audit alone has doubts about: labels that differ within groups, then what findings name."""
        found = dict[int, str]()
        for column, reason in GROUPS.items():
            for row in torn_groups(self.subject.table, column):
                found.setdefault(row, reason)
        for finding in self.subject.report.findings if self.subject.report else ():
            ids = finding.evidence.get("ids")
            if finding.id == EXAMPLES or not isinstance(ids, (list, tuple)):
                continue
            for id in ids:
                if (row := self.subject.row_of.get(str(id))) is not None:
                    found.setdefault(row, finding.id.replace("_", " ").capitalize())
        return found

    def proposal(self, row: int) -> Label:
        """The label to accept: the models', or that of most of its equals; None where there is none."""
        cells = self.subject.table.row(row, named=True)
        if self.is_judged:
            return cells.get("proposal")
        counts = Counter(self.subject.label(other) for other in self.fellows(row))
        best = counts.most_common(2)
        clear = bool(best) and best[0][1] > 1 and (len(best) < 2 or best[0][1] > best[1][1])
        return best[0][0] if clear and best[0][0] != self.subject.label(row) else None

    def fellows(self, row: int) -> list[int]:
        """The other rows of its group of equals, or of nearly equals."""
        table = self.subject.table
        for column in GROUPS:
            number = table[column][row] if column in table.columns else None
            if number is not None:
                rows = table.filter(table[column] == number)["row"].to_list()
                return [other for other in rows if other != row]
        return []

    def votes(self, row: int) -> dict[str, Any] | None:
        """What the models say of a row, in words and numbers; None where they were not asked."""
        cells = self.subject.table.row(row, named=True)
        if not self.is_judged or cells.get("score") is None:
            return None
        members = {name: float(value) for name, value in cells.items() if is_member(name) and value is not None}
        return {"sentence": say_votes(cells, len(members)), "members": [(told(name), p) for name, p in members.items()],
                "score": cells["score"], "odds": say_odds(cells), "cut": self.cut,
                "action": cells.get("action"), "answer": cells.get("answer")}  # fmt: skip

    @cached_property
    def cut(self) -> float | None:
        """The least score of a flagged label, where all of its score and above are flagged."""
        table = self.subject.table
        if not {"flagged", "score"} <= set(table.columns):
            return None
        least = table.filter(table["flagged"])["score"].min()
        above = table.filter(~table["flagged"])["score"].max()
        if not isinstance(least, float) or (isinstance(above, float) and above >= least):
            return None
        return least

    def typical(self, label: Label) -> list[int]:
        """A few rows of a class whose label nobody doubts, to compare with."""
        table = self.subject.table
        same = table.filter(table["label"] == label)
        if self.is_judged:
            same = same.filter(same["score"].is_not_null()).sort("score", maintain_order=True)
        return same["row"].head(TYPICAL).to_list()


def with_suspects(report: Report, table: pl.DataFrame) -> Report:
    """The findings of the audit, and before its suspicions the labels that models flagged, where they judged them.

    Their table comes without its report, and an inspection alone would tell that nothing is wrong.
    """
    flagged = int(table["flagged"].sum()) if "flagged" in table.columns else 0
    if not flagged or any(finding.id == SUSPICIOUS for finding in report.findings):
        return report
    judged = int(table["flagged"].is_not_null().sum())
    finding = Finding(
        SUSPICIOUS, "suspect", f"{flagged:,} of {judged:,} labels are suspicious.",
        evidence={"count": flagged, "n": judged, "share": flagged / judged},
        cause="Labels given in haste, by another rule, or to examples that fit two classes or none.",
        fix="Review them, the worst first.",
    )  # fmt: skip
    return replace(report, findings=(finding, *report.findings))


def is_member(column: str) -> bool:
    """Whether a column is what one model gives the label."""
    return column.startswith("p_")


def told(column: str) -> str:
    """A member's name for readers."""
    return column.removeprefix("p_").replace("_", " ")


def say_votes(cells: dict[str, Any], members: int) -> str:
    """`3 of 4 models say cat; 1 says dog, the label it has.`"""
    answer, votes, own = cells.get("answer"), cells.get("votes"), cells.get("votes_for_label")
    if answer is None or votes is None or own is None:
        return f"Its score is {cells['score']:.2f}; above 0 the models prefer another label."
    if answer == cells["label"]:
        return f"{votes} of {members} models say {answer}, the label it has."
    rest = members - votes - own
    other = f", {rest} say{'s' if rest == 1 else ''} something else" if rest > 0 else ""
    mine = f"{own} say{'s' if own == 1 else ''}" if own else "none says"
    return f"{votes} of {members} models say {answer}{other}; {mine} {cells['label']}, the label it has."


def say_odds(cells: dict[str, Any]) -> str:
    """`cat is 20 times as likely as dog`: the score is the logarithm of how often, of the likeliest other class."""
    label, answer, score = cells["label"], cells.get("answer"), cells["score"]
    other = "the likeliest other class" if answer is None or answer == label else answer
    times = math.exp(min(abs(score), ODDS_END))
    told = "more than 100,000" if times > 1e5 else f"{times:,.0f}" if times >= 9.5 else f"{times:.1f}"
    more, less = (other, label) if score > 0 else (label, other)
    return f"All together hold {more} for {told} times as likely as {less}"


def torn_groups(table: pl.DataFrame, column: str) -> list[int]:
    """Rows of groups whose labels differ, group by group."""
    import polars as pl

    if column not in table.columns:
        return []
    labels = pl.col("label").n_unique().over(column)
    return table.filter(pl.col(column).is_not_null() & (labels > 1)).sort(column, maintain_order=True)["row"].to_list()
