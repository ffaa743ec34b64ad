""".npz files: shapes, tasks, parts, and refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from assay.data.encoders import ArrayEncoder, ImageEncoder
from assay.data.open import open_data
from assay.data.reading.arrays import as_inputs, read_inputs
from assay.errors import InputError

RANDOM = np.random.default_rng(0)
PATH = Path("toy.npz")


def save(tmp_path: Path, **arrays: np.ndarray) -> Path:
    np.savez(tmp_path / "toy.npz", **arrays)
    return tmp_path / "toy.npz"


def test_vectors_with_whole_targets_are_classification(tmp_path: Path) -> None:
    inputs = RANDOM.normal(size=(40, 3))
    data = open_data(save(tmp_path, x=inputs, y=np.arange(40) % 2))
    assert data.specification.task == "classification"
    assert data.specification.encoder == ArrayEncoder((3,))
    row = int(data.train.ids[5].split()[1]) - 1
    assert torch.allclose(data.train.gather(torch.tensor([5]))[0], torch.tensor(inputs[row], dtype=torch.float32))
    assert int(data.train.targets[5]) == row % 2


def test_integer_targets_of_many_values_are_still_classes_and_fractions_are_not(tmp_path: Path) -> None:
    many = open_data(save(tmp_path, x=RANDOM.normal(size=(90, 2)), y=np.arange(90) % 30))
    assert len(many.specification.classes) == 30
    real = open_data(save(tmp_path, x=RANDOM.normal(size=(90, 2)), y=np.arange(90) / 2))
    assert (real.specification.task, real.specification.classes) == ("regression", ())
    assert real.train.targets.dtype == torch.float32
    assert real.specification.target_mean == pytest.approx(real.train.targets.mean().item())
    (finding,) = real.findings
    assert (finding.id, finding.level) == ("task_inferred", "note")
    assert "regression" in finding.summary


def test_words_are_classes(tmp_path: Path) -> None:
    data = open_data(save(tmp_path, inputs=RANDOM.normal(size=(20, 2)), targets=np.array(["no", "yes"] * 10)))
    assert data.specification.classes == ("no", "yes")


def test_parts_of_the_file_are_respected(tmp_path: Path) -> None:
    data = open_data(
        save(
            tmp_path,
            x_train=np.zeros((20, 4, 4), dtype=np.uint8),
            y_train=np.arange(20) % 2,
            x_test=np.ones((6, 4, 4), dtype=np.uint8),
            y_test=np.arange(6) % 2,
        )
    )
    assert [len(split) for split in (data.train, data.validation, data.test)] == [16, 4, 6]
    assert data.test.ids[0] == "test row 1"
    assert data.specification.encoder == ImageEncoder(1, 4, 4)


def test_groups_are_an_array(tmp_path: Path) -> None:
    path = save(tmp_path, x=RANDOM.normal(size=(40, 2)), y=np.arange(40) % 2, who=np.arange(40) // 4)
    data = open_data(path, group="who")
    homes = [
        {(int(name.split()[1]) - 1) // 4 for name in split.ids} for split in (data.train, data.validation, data.test)
    ]
    assert sum(len(home) for home in homes) == 10
    with pytest.raises(InputError, match=r"--group whom must be an array of 40 names; it holds x \(40, 2\)"):
        open_data(path, group="whom")


@pytest.mark.parametrize(
    ("array", "shape", "dtype"),
    [
        (np.zeros(5), (5, 1), torch.float32),
        (np.zeros((5, 3), dtype=np.uint8), (5, 3), torch.float32),
        (np.zeros((5, 4, 6), dtype=np.uint8), (5, 1, 4, 6), torch.uint8),
        (np.zeros((5, 4, 6, 3), dtype=np.uint8), (5, 3, 4, 6), torch.uint8),
        (np.zeros((5, 3, 4, 6), dtype=np.uint8), (5, 3, 4, 6), torch.uint8),
        (np.full((5, 4, 6), 255), (5, 1, 4, 6), torch.uint8),
        (np.full((5, 4, 6), 256), (5, 1, 4, 6), torch.float32),
        (np.zeros((5, 4, 6)), (5, 1, 4, 6), torch.float32),
    ],
)
def test_shapes_and_types(array: np.ndarray, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    inputs = as_inputs(PATH, array)
    assert (tuple(inputs.shape), inputs.dtype) == (shape, dtype)


def test_channels_last_are_moved_not_reshaped() -> None:
    array = RANDOM.integers(0, 256, (2, 4, 6, 3)).astype(np.uint8)
    assert int(as_inputs(PATH, array)[1, 2, 3, 5]) == int(array[1, 3, 5, 2])


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, x=np.zeros((4, 2)), y=np.array(["a", None, 1, {}], dtype=object))
    with pytest.raises(InputError, match=r"toy\.npz: refused, it holds pickled objects"):
        open_data(path)


def test_what_is_missing_or_does_not_fit_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"needs the arrays inputs \(or x\) and targets \(or y\); it holds z \(3,\)"):
        open_data(save(tmp_path, z=np.zeros(3)))
    with pytest.raises(InputError, match=r"one target an example, got inputs \(4, 2\) and targets \(3,\)"):
        open_data(save(tmp_path, x=np.zeros((4, 2)), y=np.zeros(3)))
    with pytest.raises(InputError, match=r"targets \(4, 3\); one-hot rows: take their argmax"):
        open_data(save(tmp_path, x=np.zeros((4, 2)), y=np.eye(4)[:, :3]))
    with pytest.raises(InputError, match="inputs must be numbers in 1 to 4 dimensions"):
        open_data(save(tmp_path, x=np.array(["a"] * 4), y=np.zeros(4)))
    with pytest.raises(InputError, match=r"holds no examples, got inputs \(0, 2\) and targets \(0,\); save"):
        open_data(save(tmp_path, x=np.zeros((0, 2)), y=np.zeros(0)))
    with pytest.raises(InputError, match=r"inputs must be numbers .*, got float64 of shape \(4, 0\)"):
        open_data(save(tmp_path, x=np.zeros((4, 0)), y=np.arange(4) % 2))
    with pytest.raises(InputError, match="has no x_train and y_train"):
        open_data(save(tmp_path, x_test=np.zeros((4, 2)), y_test=np.zeros(4)))
    np.save(tmp_path / "a.npy", np.zeros((4, 2)))
    with pytest.raises(InputError, match="one array has inputs but no targets"):
        open_data(tmp_path / "a.npy")


def test_damaged_and_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(InputError, match=r"a\.npz: not a complete \.npz"):
        open_data(tmp_path / "a.npz")
    with pytest.raises(InputError, match=r"b\.npz: no such file"):
        read_inputs(tmp_path / "b.npz")


def test_cells_missing_or_infinite_are_named_or_filled(tmp_path: Path) -> None:
    inputs = RANDOM.normal(size=(40, 3))
    inputs[7, 2], inputs[9, 0], inputs[11, 1] = np.nan, np.inf, 1e300
    path = save(tmp_path, x=inputs, y=np.arange(40) % 2)
    with pytest.raises(InputError, match=r"3 missing .* cells, the first in row 8, column 3 \(nan\).*--impute"):
        open_data(path)
    data = open_data(path, impute=True)
    finding = next(finding for finding in data.findings if finding.id == "missing_cells")
    assert finding.evidence["cells_per_column"] == {"1": 1, "2": 1, "3": 1}
    for split in (data.train, data.validation, data.test):
        assert isinstance(split.inputs, torch.Tensor)
        assert split.inputs.isfinite().all()
    assert isinstance(data.specification.encoder, ArrayEncoder)
    assert len(data.specification.encoder.fill) == 3


def test_missing_targets_are_never_filled(tmp_path: Path) -> None:
    path = save(tmp_path, x=np.zeros((4, 2)), y=np.array([1.0, np.nan, 2.0, 0.5]))
    with pytest.raises(InputError, match=r"1 targets are missing or infinite, the first in row 2 \(nan\)"):
        open_data(path, impute=True)


def test_a_constant_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the target is 0\.5 in every training example"):
        open_data(save(tmp_path, x=RANDOM.normal(size=(40, 2)), y=np.full(40, 0.5)))


def test_rows_of_a_part_are_counted_from_1_within_it(tmp_path: Path) -> None:
    parts = {"x_train": np.zeros((20, 2)), "y_train": np.arange(20) % 2, "y_test": np.arange(6) % 2}
    test = np.zeros((6, 2))
    test[0, 1] = np.nan
    with pytest.raises(InputError, match=r"the first in test row 1, column 2 \(nan\)"):
        open_data(save(tmp_path, x_test=test, **parts))


def test_arrays_that_nobody_asked_for_are_a_note(tmp_path: Path) -> None:
    inputs, targets = RANDOM.normal(size=(40, 2)), np.arange(40) % 2
    path = save(tmp_path, x=inputs, y=targets, z=np.zeros(3), who=np.arange(40) // 4)
    (found,) = (finding for finding in open_data(path).findings if finding.id == "arrays_ignored")
    assert (found.level, found.evidence["shapes"]) == ("note", {"z": [3], "who": [40]})
    (found,) = (finding for finding in open_data(path, group="who").findings if finding.id == "arrays_ignored")
    assert "1 array(s) of the file were left out: z." in found.summary
    assert open_data(path, target="who").specification.classes[-1] == "9"


def test_options_that_mean_nothing_to_arrays_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, x=np.zeros((40, 4, 4)), y=np.arange(40) % 2)
    with pytest.raises(InputError, match=r"an array of images has no use for --impute; leave it out"):
        open_data(path, impute=True)
    with pytest.raises(InputError, match=r"an array file has no use for --skip-bad; leave it out"):
        open_data(path, skip_bad=True)
