"""From a finding to the examples it is about: a condition for Browse, where there is a natural one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from assay.audit.audit import Audit
from assay.errors import InputError
from assay.finding import Finding, Report
from assay.ui.addresses import browse, text

if TYPE_CHECKING:
    import polars as pl

MOST_IDS = 40
BY_COLUMN: Mapping[str, str] = {
    "inputs_finite": "non_finite > 0",
    "same_bytes": "same_bytes_group IS NOT NULL",
    "suspicious_labels": "flagged",
}


@dataclass(frozen=True)
class Link:
    """Where to look, how many examples are there, and whether the finding means more than these."""

    condition: str
    count: int

    @property
    def address(self) -> str:
        return browse(self.condition)


def find_links(finding: Finding, table: pl.DataFrame) -> tuple[Link, ...]:
    """Links whose conditions the table knows, and that some example fulfils."""
    conditions = dict.fromkeys((*_by_column(finding, table), *_by_ids(finding), *_by_class(finding)))
    counted = ((condition, _count(table, condition)) for condition in conditions)
    return tuple(Link(condition, count) for condition, count in counted if count)[:2]


def link_below(table: pl.DataFrame) -> Callable[[Finding], Markup]:
    """What to put below each finding on a page that has Browse."""

    def foot(finding: Finding) -> Markup:
        links = find_links(finding, table)
        shown = Markup("").join(
            Markup('<a href="{}">{}</a>').format(link.address, _say(link, finding)) for link in links
        )
        return Markup('<p class="looking">{}</p>').format(shown) if links else Markup("")

    return foot


def _say(link: Link, finding: Finding) -> str:
    number = f"{link.count:,} example" + ("" if link.count == 1 else "s")
    if link.condition.startswith("label ="):
        return f"Browse the {number} labelled {link.condition.removeprefix('label = ')}"
    count = finding.evidence.get("count")
    some = link.condition.startswith("id IN") and isinstance(count, int) and count > link.count
    return f"Browse {number} of {count:,}" if some else f"Browse {number}"


def _by_column(finding: Finding, table: pl.DataFrame) -> list[str]:
    if finding.id == "conflicting_labels":
        return _torn("duplicate_group", table)
    if finding.id in BY_COLUMN:
        return [BY_COLUMN[finding.id]]
    for word, column in (("near_duplicates", "near_group"), ("duplicates", "duplicate_group")):
        if finding.id.endswith(word):
            if column not in table.columns:
                return []
            splits = finding.id.removesuffix(word).strip("_").split("_")
            return [_across(column, splits, table) if len(splits) == 2 else f"{column} IS NOT NULL"]
    return []


def _torn(column: str, table: pl.DataFrame) -> list[str]:
    """Members of groups whose labels differ; of very many groups, of the first."""
    import polars as pl

    if column not in table.columns:
        return []
    counted = table.filter(pl.col(column).is_not_null()).group_by(column).agg(pl.col("label").n_unique())
    torn = counted.filter(pl.col("label") > 1)[column].sort().to_list()
    return [f"{column} IN ({', '.join(map(str, torn[:MOST_IDS]))})"] if torn else []


def _across(column: str, splits: list[str], table: pl.DataFrame) -> str:
    """Members of groups that lie in both splits; of very many groups, of all that may."""
    import polars as pl

    among = f"split IN ({', '.join(map(text, splits))})"
    grouped = table.filter(pl.col("split").is_in(splits) & pl.col(column).is_not_null())
    both = (
        grouped.group_by(column).agg(pl.col("split").n_unique()).filter(pl.col("split") == 2)[column].sort().to_list()
    )
    if len(both) > MOST_IDS:
        return f"{column} IS NOT NULL AND {among}"
    return f"{column} IN ({', '.join(map(str, both))}) AND {among}" if both else "FALSE"


def _by_ids(finding: Finding) -> list[str]:
    ids = finding.evidence.get("ids")
    if not isinstance(ids, list | tuple) or not ids or not all(isinstance(id, str) for id in ids):
        return []
    return [f"id IN ({', '.join(text(id) for id in ids[:MOST_IDS])})"]


def _by_class(finding: Finding) -> list[str]:
    """The rarest class and the commonest: what an imbalance is about."""
    names = [finding.evidence.get(name) for name in ("smallest", "largest")]
    if finding.id != "class_balance" or not all(isinstance(name, str) for name in names):
        return []
    return [f"label = {text(str(name))}" for name in names]


def _count(table: pl.DataFrame, condition: str) -> int:
    try:
        return len(Audit(Report("inspect"), table).where(condition))
    except InputError:
        return 0
