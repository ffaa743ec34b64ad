"""Tables of the page: numbers flush right with their interval or range below them, code set off, all escaped."""

from __future__ import annotations

import pytest

from assay.figure import Table
from assay.report.tables import table_html

EFFECTS = Table(
    "Every effect",
    ("trick", "verdict", "effect", "95 % interval", "seeds", "p alone", "p adjusted", "chance", "seconds a step"),
    (
        ("Mixup()", "no measurable effect", "-0.23", "-2.44 to +1.98", "3", "0.71", "1", "35.4%", "1.06x (0.9 to 1.1)"),
        ("Mixup() and EMA()", "helps", "+0.69", "+0.17 to +1.56", "3", "6.1e-05", "0.3", "96.3%", ""),
    ),
)  # fmt: skip


def shown(figure: Table) -> str:
    return str(table_html(figure))


def test_a_range_stands_below_its_number_and_what_is_empty_leaves_the_column_one_of_numbers():
    page = shown(EFFECTS)
    assert '<td class="number">1.06x<span class="below">0.9 to 1.1</span></td>' in page
    assert '<td class="number"></td></tr>' in page


def test_of_many_columns_an_interval_stands_below_its_estimate():
    page = shown(EFFECTS)
    assert '<th class="number" scope="col">effect<span class="below">95 % interval</span></th>' in page
    assert '<span class="below">\N{MINUS SIGN}2.44 to +1.98</span>' in page
    assert page.count("<th ") + page.count("<th>") == len(EFFECTS.columns) - 1


def test_of_few_columns_it_has_one_of_its_own():
    few = Table("t", EFFECTS.columns[:4], tuple(row[:4] for row in EFFECTS.rows))
    assert shown(few).count('class="below"') == 0
    assert shown(few).count("<th ") == 4


def test_an_interval_beside_words_stays_beside_them():
    words = Table("t", ("a", "said", "95 % interval", *"bcdefg"), (("1", "unknown", "0 to 1", *"234567"),))
    assert 'class="below"' not in shown(words)


@pytest.mark.parametrize("cells", [("3.78 MiB", "4 GiB"), ("232 MFLOP", "1.2 GFLOP"), ("6.77 ms", "7 s"), ("4 B", "9")])
def test_numbers_with_a_unit_are_flush_right(cells: tuple[str, str]):
    page = shown(Table("t", ("recipe", "cost"), tuple((str(n), cell) for n, cell in enumerate(cells))))
    assert page.count('<td class="number">') == 2


@pytest.mark.parametrize(
    ("cell", "told"),
    [("-0.5", "\N{MINUS SIGN}0.5"), ("[-.5, -0.1]", "[\N{MINUS SIGN}.5, \N{MINUS SIGN}0.1]"), ("6.1e-05", "6.1e-05"),
     ("2024-01-02", "2024-01-02")],
)  # fmt: skip
def test_a_minus_is_one_and_no_hyphen(cell: str, told: str):
    assert f'<td class="number">{told}</td>' in shown(Table("t", ("name", "value"), (("a", cell),)))


def test_code_in_a_cell_is_set_off_and_everything_is_escaped():
    page = shown(Table("t", ("question", "measured"), (("why?", "`assay verify <b>` measures it"),)))
    assert "<code>assay verify &lt;b&gt;</code> measures it" in page
    page = shown(Table("t", ("a", "b"), (("<i>", "1 (<i> to 2)"),)))
    assert "<i>" not in page
