"""`clean`: judge every label, weigh what reviewers said so far, and tell it as findings, a table and proposals."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch.utils.data import Dataset

from assay.audit.audit import Audit
from assay.audit.cleaning.judging import Judged, judge_labels
from assay.audit.cleaning.label_table import make_label_table, save_beside
from assay.audit.cleaning.proposals import propose_relabels, repeated_ids, write_proposals
from assay.audit.cleaning.reviewed import Reviewed, learnt_cut, read_review
from assay.audit.cleaning.telling import tell_judges, tell_noise, tell_review, tell_suspects
from assay.audit.cleaning.unlabelled import Unlabelled, sort_additions, tell_additions, write_additions
from assay.audit.decisions import Decision, DecisionLog
from assay.audit.labels.cut_off import CutOff
from assay.audit.labels.fusion import Fusion
from assay.data.data import Data
from assay.data.open import as_data
from assay.errors import InputError
from assay.finding import Finding, Report

if TYPE_CHECKING:
    import polars as pl

WORK, TABLE, PROPOSALS, ADDITIONS = "cleaning", "audit.parquet", "proposals.jsonl", "additions.csv"
"""In the folder: judgements that are kept, the table, relabellings that a reviewer may accept, unlabelled examples."""


@dataclass(frozen=True, eq=False)
class Cleaning:
    """What was found about the labels; nothing of it is applied.

    fusion: ranked by the learnt cut-off once enough is reviewed. table: see `assay.audit.cleaning.label_table`.
    proposals: relabellings that all weighty judges agree on, as decisions of a reviewer called "proposal".
    """

    report: Report
    table: pl.DataFrame
    fusion: Fusion
    judged: Judged
    proposals: tuple[Decision, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings

    def audit(self) -> Audit:
        """The findings with their table, to ask it by conditions."""
        return Audit(self.report, self.table)

    def with_additions(self, unlabelled: Unlabelled, *, folder: Path | None = None, **options: Any) -> Cleaning:
        """The same with a finding on examples without labels, and in the folder a row for each.

        Args:
            options: `members`, `seed`, `device` and `announce` as they were for `clean`.
        """
        work = None if folder is None else folder / WORK
        additions, twins = sort_additions(self.judged, unlabelled, folder=work, **options)
        if folder is not None:
            write_additions(folder / ADDITIONS, self.judged, unlabelled, additions, twins)
        told = tell_additions(self.judged, unlabelled, additions)
        return replace(self, report=replace(self.report, findings=(*self.report.findings, told)))

    def save(self, folder: Path) -> None:
        """Leave the table and the proposals in the folder, each whole or not at all.

        Raises:
            InputError: it cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save_beside(self.table, folder / TABLE)
            write_proposals(folder / PROPOSALS, list(self.proposals))
        except OSError as error:
            raise InputError(f"{folder}: cannot be written ({error.strerror or error}); name another folder") from error


def clean(
    data: Data | str | Path | Dataset[Any],
    *,
    decisions: DecisionLog | None = None,
    folder: Path | None = None,
    seed: int = 0,
    **options: Any,
) -> Cleaning:
    """Rank suspicious labels of all splits by several models that have not seen them.

    Args:
        data: what `assay.open_data` gave, or anything that it takes, opened as for an inspection.
        decisions: what reviewers said so far: it gives the precision of the flags and, from 300 on, the cut-off. It
            is not applied to the data.
        folder: where finished trainings are kept, so that a stopped call goes on, and what is found is left.
        options: `budget_seconds`, `members`, `folds`, `device` and `announce` of `judge_labels`.
    Raises:
        InputError: the target is a number, there are fewer than two classes or examples, ids are not unique, or a
            decision is for an id that is not there.
    """
    started = time.perf_counter()
    data = as_data(data, seed=seed, tolerant=True)
    _require_unique(data)
    work = None if folder is None else folder / WORK
    judged = judge_labels(data, folder=work, seed=seed, **options)
    reviewed = read_review(judged.ids, judged.fusion, decisions, seed=seed)
    learnt = learnt_cut(judged.fusion, reviewed)
    fusion = learnt.apply(judged.fusion) if isinstance(learnt, CutOff) else judged.fusion
    report = Report("clean", _findings(judged, fusion, reviewed, decisions), judged.skipped)
    proposals = tuple(propose_relabels(judged, fusion))
    table = make_label_table(judged, fusion, reviewed)
    report = replace(report, seconds=time.perf_counter() - started)
    cleaning = Cleaning(report, table, fusion, judged, proposals)
    if folder is not None:
        cleaning.save(folder)
    return cleaning


def _findings(judged: Judged, fusion: Fusion, reviewed: Reviewed, log: DecisionLog | None) -> tuple[Finding, ...]:
    told = (tell_suspects(judged, fusion), tell_noise(judged, fusion), tell_judges(judged, fusion))
    return (*judged.data.findings, *(log.findings if log else ()), *told, *tell_review(judged.fusion, reviewed))


def _require_unique(data: Data) -> None:
    ids = tuple(id for split in (data.train, data.validation, data.test) for id in split.ids)
    repeated = repeated_ids(ids)
    if repeated:
        raise InputError(f"{data.name}: {repeated} ids stand for several examples; give each example a name of its own")
