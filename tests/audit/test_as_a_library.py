"""What a user types at Python: names written in full, and sources given where opened data may stand."""

from __future__ import annotations

import inspect as python_inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

import assay
from assay.audit.labels.given import check_probabilities
from assay.data.examples import Options
from assay.data.open import read_examples
from assay.errors import InputError


def test_fuse_is_there_after_importing_assay_alone_and_nothing_heavy_was_imported_for_it() -> None:
    program = "import sys, assay; assert 'torch' not in sys.modules; assert 'audit' in dir(assay); assay.audit.fuse"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def make_table(folder: Path) -> Path:
    rows = [f"{row % 7},{row % 11},{'ab'[row % 2]}" for row in range(60)]
    path = folder / "rows.csv"
    path.write_text("\n".join(["x,y,kind", *rows]) + "\n")
    return path


def test_inspect_opens_what_open_data_takes(tmp_path: Path) -> None:
    drawn = torch.Generator().manual_seed(0)
    dataset = TensorDataset(torch.randn(60, 3, generator=drawn), torch.arange(60) % 2)
    np.savez(tmp_path / "arrays.npz", x=np.random.default_rng(0).normal(size=(60, 3)), y=np.arange(60) % 2)
    for source in (dataset, tmp_path / "arrays.npz", str(tmp_path / "arrays.npz")):
        assert assay.inspect(source).table.height == 60


def test_a_source_is_opened_as_an_inspection_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    np.savez(path, x=np.random.default_rng(0).normal(size=(61, 3)), y=np.append(np.arange(60) % 2, 7))
    with pytest.raises(InputError, match=r"class '7' has a single example \(row 61\); a class needs at least two"):
        assay.open_data(path)
    assert assay.inspect(path).table.height == 60


@pytest.mark.parametrize("source", [torch.zeros(3), [1, 2], None])
def test_what_is_no_source_is_refused_with_the_remedy(source: Any) -> None:
    with pytest.raises(InputError, match=r"the source must be digits, .*TensorDataset"):
        # Without the type checker of these tests, which a user does not have.
        python_inspect.unwrap(read_examples)(source, Options())


def test_what_fuse_is_given_of_one_array_says_what_it_wants() -> None:
    with pytest.raises(InputError, match=r'dictionary .* got ndarray; for one model give \{"model": probabilities\}'):
        python_inspect.unwrap(check_probabilities)(np.full((4, 2), 0.5))
