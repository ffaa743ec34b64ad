"""What an inspection leaves: findings to act on, and one table with a row for each example to look things up in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.finding import Finding, Report, Skipped
from assay.whole_file import replacing

if TYPE_CHECKING:
    import polars as pl

QUOTED = re.compile(r"""(?<![^\W_])(?<!&)(?:'[^']*'|"[^"]*")+""")
"""Words and names in quotes; one that follows a letter has rules of its own for where it ends, and is none of these."""
OTHER_QUOTES = re.compile(r"""['"`$#]|--|/\*""")
JOINED, MOST_JOINED = re.compile(r"\b(?:AND|OR|NOT)\b"), 200
"""Thousands of them keep Polars busy for minutes."""
SELECTING = re.compile(r"(?<![A-Z_])(?:SELECT|FROM|WITH)(?![A-Z0-9_])|(?<![A-Z_])(READ|SCAN)_\w+\s*\(")


@dataclass(frozen=True, eq=False)
class Audit:
    """Findings, worst first, and the examples they are about.

    table: a row for each example that was read, over all splits; `assay.audit.example_table` names the columns.
    """

    report: Report
    table: pl.DataFrame

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return self.report.skipped

    @property
    def alerts(self) -> tuple[Finding, ...]:
        return self.report.alerts

    @property
    def ok(self) -> bool:
        """True when nothing is proved wrong or suspect."""
        return self.report.ok

    def raise_if_alert(self) -> None:
        """For tests and CI.

        Raises:
            AlertError: lists every alert with its fix.
        """
        self.report.raise_if_alert()

    def where(self, condition: str) -> pl.DataFrame:
        """The rows for which a condition in SQL holds: `where("split = 'test' and brightness < 10")`.

        A condition is about the columns of its row: it reads no file, so that a page may be asked by anyone.

        Raises:
            InputError: the condition is no SQL, or asks for a column that is not there; those that are, are named.
        """
        import polars as pl

        holds, reason = None, refuse_condition(condition)
        if not reason:
            try:
                holds, reason = (
                    self.table.select(pl.sql_expr(condition)).to_series(),
                    "it gives no yes or no for each row",
                )
            except (Exception, pl.exceptions.PanicException) as error:
                reason = f"{(str(error).splitlines() or [type(error).__name__])[0]:.200}"
        if holds is None or holds.dtype != pl.Boolean or len(holds) != len(self.table):
            raise InputError(
                f"where must be a condition in SQL on {', '.join(self.table.columns)}, got {condition!r}: {reason}; "
                "write it such as split = 'test' and label = 'cat'"
            )
        return self.table.filter(holds)

    def save(self, path: Path | str) -> None:
        """Write the table as Parquet, whole or not at all."""
        with replacing(Path(path)) as unfinished:
            self.table.write_parquet(unfinished)


def refuse_condition(condition: str) -> str:
    """Why a condition must not be carried out, which could read files and ask other machines; empty where it may.

    Where quotes end must be beyond doubt, or a word could be in quotes here and none in them to Polars.
    """
    bare = QUOTED.sub(" '' ", condition)
    if OTHER_QUOTES.search(bare.replace(" '' ", " ")):
        return "it has a comment, a quote that is not closed or one of another kind than ' and \""
    if len(JOINED.findall(bare.upper())) > MOST_JOINED:
        return f"it joins more than {MOST_JOINED} conditions by AND and OR; write many values as label IN ('a', 'b')"
    found = SELECTING.search(bare.upper())
    return f"it has {found[0].strip('( ')} outside quotes, which a condition on one row needs not" if found else ""
