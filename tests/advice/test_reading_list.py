"""Every rule of thumb and every diagnosis is in the list once, decided by a rule or with a reason why nothing does."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import assay.advice.rules as room
from assay.advice.reading_list import LINES, family
from assay.advice.rule_catalog import ADVISING

NOT_IN_THE_LIST = {120, 131}
"""Numbers that the list of rules leaves out."""
EVERY = {f"H{number}" for number in range(1, 139) if number not in NOT_IN_THE_LIST}
EVERY |= {f"Z{number}" for number in range(1, 18)} | {f"D{number}" for number in range(1, 14)}


def test_every_number_is_covered_exactly_once():
    counted = Counter(one for line in LINES for one in line.ids)
    assert set(counted) == EVERY
    assert set(counted.values()) == {1}


def test_each_line_has_a_rule_or_a_reason_and_words():
    for line in LINES:
        assert bool(line.rule) != bool(line.why), line
        assert 10 < len(line.words) < 250, line


def test_rules_and_lines_name_each_other():
    decided = {rule.name: set(rule.ids) for rule in ADVISING if rule.ids}
    told: dict[str, set[str]] = {}
    for line in LINES:
        if line.rule:
            told.setdefault(line.rule, set()).update(line.ids)
    assert told == decided


def test_every_file_of_a_rule_is_in_the_catalog_and_says_its_source():
    files = sorted(path for path in Path(room.__path__[0]).glob("*.py") if path.stem != "__init__")
    assert sorted(rule.name for rule in ADVISING) == [path.stem for path in files]
    assert [path.stem for path in files if "\nSource: " not in path.read_text()] == []
    assert [rule.name for rule in ADVISING if not rule.source] == []


def test_a_family_is_its_numbers():
    assert family("H", 96, 99) == ("H96", "H97", "H98", "H99")
