"""The door itself: paths, options, and nothing but one line for whatever is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from child_processes import output_of

from assay.data.open import open_data
from assay.errors import InputError


def test_no_such_path_and_a_name_nearly_right() -> None:
    with pytest.raises(InputError, match="nowhere: no such file or folder; give a path or one of digits"):
        open_data("nowhere")
    with pytest.raises(InputError, match=r"digit: no such file or folder \(did you mean 'digits'\?\)"):
        open_data("digit")


def test_an_empty_name_is_not_the_working_directory() -> None:
    with pytest.raises(InputError, match="the source is empty"):
        open_data("")


def test_a_kind_of_file_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"")
    with pytest.raises(InputError, match=r"a\.docx: cannot read \.docx; give a folder"):
        open_data(tmp_path / "a.docx")


def test_a_path_the_system_refuses_is_said_in_one_line() -> None:
    with pytest.raises(InputError, match=r"x: cannot be read .*; check the path and its permissions"):
        open_data("x" * 5000)


def test_options_out_of_range() -> None:
    with pytest.raises(InputError, match=r"validation_share must be between 0 and 1, got 0\.0"):
        open_data("digits", validation_share=0.0)
    with pytest.raises(InputError, match="test_share must be between 0 and 1, got 1"):
        open_data("digits", test_share=1.0)
    with pytest.raises(InputError, match="limit must be at least 2 training examples, got 1"):
        open_data("digits", limit=1)
    with pytest.raises(InputError, match=r"--size must be from 1x1 .* got 0x4"):
        open_data("digits", size=(0, 4))


# The quick tests ask the same of the whole library, in `test_catalog_rules.py`.
@pytest.mark.slow
def test_heavy_libraries_stay_out_until_they_are_needed() -> None:
    code = "import sys, assay.data.open; print([m for m in ('polars', 'sklearn', 'scipy') if m in sys.modules])"
    root = Path(__file__).parents[2]
    assert output_of([sys.executable, "-c", code], root).strip() == "[]"
