"""What an inspection leaves: findings to act on, and one table with a row for each example to look things up in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.finding import Finding, Report, Skipped
from assay.whole_file import replacing

if TYPE_CHECKING:
    import polars as pl


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

        Raises:
            InputError: the condition is no SQL, or asks for a column that is not there; those that are, are named.
        """
        import polars as pl

        reason = "it gives no yes or no for each row"
        try:
            holds = self.table.select(pl.sql_expr(condition)).to_series()
        except pl.exceptions.PolarsError as error:
            holds, reason = None, f"{str(error).splitlines()[0]:.200}"
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
