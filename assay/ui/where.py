"""The rows that a typed condition holds for, by `Audit.where`; where it is none, the cause first, in plain words."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from assay.audit.audit import Audit
from assay.errors import InputError
from assay.finding import Report
from assay.ui.condition import OPERATORS, WORDS, column_of, describe, quoted

if TYPE_CHECKING:
    import polars as pl

UNKNOWN = re.compile(r'unable to find column "(.*?)"(?:;|$)', re.DOTALL)
NEAREST, MOST_LETTERS = 3, 40
UNENDED = ("AND", "OR", "NOT", ",", "(", "IS", *OPERATORS)
"""After these something must follow."""
WORDED = ("=", "!=", "<>", "LIKE", "ILIKE", "IN")


def rows_where(table: pl.DataFrame, condition: str) -> pl.DataFrame:
    """The rows for which a condition in SQL holds.

    Raises:
        InputError: it is none; says in one sentence what is wrong, with the nearest names.
    """
    words = [match[0] for match in WORDS.finditer(condition)]
    if trouble := compare_yes_or_no(table, words):
        raise InputError(trouble)
    try:
        return Audit(Report("inspect"), table).where(condition)
    except InputError as error:
        reason = str(error).split(f"got {condition!r}: ", 1)[-1].rsplit("; write it such as", 1)[0]
        raise InputError(say_trouble(table, words, reason)) from error


def say_trouble(table: pl.DataFrame, words: list[str], reason: str) -> str:
    """What is wrong with a condition of these words, for which the audit gives a reason."""
    unknown = UNKNOWN.search(reason)
    if words and words[-1].upper() in UNENDED:
        return f"the condition ends with {words[-1]}, after which something is missing"
    if words.count("(") != words.count(")"):
        return "a bracket is opened and not closed, or closed and not opened"
    if unknown is not None:
        return say_unknown(table, words, unknown[1])
    if "cannot compare" in reason and (trouble := compare_kinds(table, words)):
        return trouble
    if "no yes or no" in reason:
        return say_no_condition(table, words)
    if reason.startswith("unable to parse"):
        return f"this is no condition as SQL writes one; write it such as {such_as(table)}"
    return reason


def say_unknown(table: pl.DataFrame, words: list[str], name: str) -> str:
    """A word that is no column: one that is misspelt, or a value without its quotes."""
    shown = name if len(name) <= MOST_LETTERS else f"{name[:MOST_LETTERS]}…"
    near = difflib.get_close_matches(name.lower(), [one.lower() for one in table.columns], n=NEAREST)
    found = [one for key in near for one in table.columns if one.lower() == key]
    place = next((at for at, word in enumerate(words) if word.strip('"') == name), 0)
    if not found and place >= 2 and words[place - 1].upper() in (*WORDED, ",", "(") and name.upper() not in UNENDED:
        return f"there is no column {shown}; a word to compare with stands in single quotes: '{shown}'"
    return f"there is no column {shown}; " + (
        f"the nearest is {' or '.join(map(quoted, found))}" if found else "columns are proposed while you type"
    )


def say_no_condition(table: pl.DataFrame, words: list[str]) -> str:
    """A column alone, or a value."""
    alone = column_of(table, words[0]) if len(words) == 1 else None
    if alone is None:
        return f"this gives no yes or no for each example; write it such as {such_as(table)}"
    return f"{words[0]} is a {describe(table, alone)}, not yes or no: compare it, such as {compared(table, alone)}"


def compare_kinds(table: pl.DataFrame, words: list[str]) -> str:
    """What is said of a number that is compared with a word, or a word with a number."""
    for name, _, value in zip(words, words[1:], words[2:], strict=False):
        column = column_of(table, name)
        if column is None or table.schema[column].is_numeric() != value.startswith("'"):
            continue
        if table.schema[column].is_numeric() or value[0].isdigit():
            return f"{name} is a {describe(table, column)}: compare it with one, such as {compared(table, column)}"
    return ""


def compare_yes_or_no(table: pl.DataFrame, words: list[str]) -> str:
    """What is said of a column of yes and no that is compared with a word, which no row would fulfil; else nothing."""
    for name, sign, value in zip(words, words[1:], words[2:], strict=False):
        column = column_of(table, name)
        is_truth = column is not None and str(table.schema[column]) == "Boolean"
        if is_truth and sign.upper() in WORDED and value.startswith(("'", "(")):
            return f"{name} is yes or no by itself: write {name} or NOT {name}"
    return ""


def compared(table: pl.DataFrame, name: str) -> str:
    """A condition on one column that this data knows."""
    column = table[name].drop_nulls()
    if table.schema[name].is_numeric():
        return f"{quoted(name)} < {column[0] if len(column) else 0:.4g}"
    word = str(column[0]) if len(column) else ""
    if len(word) > MOST_LETTERS:
        word = f"%{word.split()[0]}%"
        return f"{quoted(name)} LIKE '{word.replace(chr(39), chr(39) * 2)}'"
    return f"{quoted(name)} = '{word.replace(chr(39), chr(39) * 2)}'"


def such_as(table: pl.DataFrame) -> str:
    """A condition that this data knows."""
    return compared(table, "label" if "label" in table.columns else table.columns[0])
