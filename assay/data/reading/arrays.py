""".npz and .npy files: arrays of examples, read without ever unpickling anything."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from assay.errors import InputError

INPUT_NAMES = ("inputs", "x", "X")


def read_inputs(path: Path) -> Tensor:
    """The examples in the array `inputs` (or `x`, or the only one) of an .npz or .npy file.

    Raises:
        InputError: no such file or array, or pickled objects.
    """
    arrays = load_arrays(path)
    for name in (*INPUT_NAMES, *(arrays if len(arrays) == 1 else ())):
        if name in arrays:
            return as_inputs(path, arrays[name])
    raise InputError(f"{path}: needs an array inputs (or x); it holds {say_arrays(arrays)}: rename one of them")


def load_arrays(path: Path) -> Mapping[str, np.ndarray]:
    """Every array by name; that of an .npy file is called `inputs`.

    Raises:
        InputError: no such file, damaged, or pickled objects (which could run code when read).
    """
    try:
        # numpy leaves a file that it opened itself, and cannot read, open.
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"inputs": loaded}
            with loaded:
                return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the path") from error
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        if "pickled (object) data" in str(error):
            # What numpy says of every file whose first bytes it does not know.
            raise InputError(
                f"{path}: neither an .npz nor an .npy file; pickled objects, which could run code, are refused too; "
                "save arrays with numpy.savez"
            ) from error
        if "allow_pickle" in str(error):
            raise InputError(
                f"{path}: refused, it holds pickled objects, which could run code; "
                "save arrays of numbers or text (for labels: numpy.array(labels, dtype=str))"
            ) from error
        raise InputError(f"{path}: not a complete .npz or .npy file ({error}); save it again") from error


def as_inputs(path: Path, array: np.ndarray) -> Tensor:
    """Examples as the network takes them: bytes (n, channels, height, width) or floats.

    (n,) and (n, features) become float vectors; (n, height, width) one-channel images; of (n, a, b, c)
    the last dimension is taken for channels if it is 1 or 3 and the second is not. Whole numbers from
    0 to 255 in images become bytes.

    Raises:
        InputError: text, complex numbers, or no examples dimension.
    """
    if array.dtype.kind not in "buif" or not 1 <= array.ndim <= 4 or 0 in array.shape:
        found = f"{array.dtype} of shape {array.shape}"
        raise InputError(
            f"{path}: inputs must be numbers in 1 to 4 dimensions (examples first), got {found}; save them so"
        )
    if array.ndim <= 2:
        return torch.from_numpy(_floats(array.reshape(len(array), math.prod(array.shape[1:]))))
    if array.ndim == 3:
        array = array[:, None]
    elif array.shape[3] in (1, 3) and array.shape[1] not in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    whole = array.dtype.kind in "bui"
    byte = array.dtype == np.uint8 or (whole and array.size and int(array.min()) >= 0 and int(array.max()) <= 255)
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.uint8) if byte else _floats(array))


def _floats(array: np.ndarray) -> np.ndarray:
    """In 32 bits; what is too large becomes infinite and is named as such by `check_finite`."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def check_finite(inputs: Tensor, where: str, *, impute: bool, ids: Sequence[str] = ()) -> None:
    """Missing or infinite cells are named, or left for `impute` when it can mend them.

    Args:
        ids: what each example is called; rows counted from 1 without it.
    Raises:
        InputError: names the first cell and their number.
    """
    bad = ~torch.isfinite(inputs)
    count = int(bad.sum())
    if count == 0 or (impute and inputs.dim() == 2):
        return
    first = bad.nonzero()[0].tolist()
    value = float(inputs[tuple(first)])
    row = ids[first[0]] if ids else f"row {first[0] + 1}"
    place = f"{row}, column {first[1] + 1}" if inputs.dim() == 2 else f"{row}, position {first[1:]}"
    remedy = "mend or remove them, or train with --impute to fill them" if inputs.dim() == 2 else "mend or remove them"
    raise InputError(f"{where}: {count} missing or infinite cells, the first in {place} ({value}); {remedy}")


def say_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Every array with its shape, as an error shows them."""
    return ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
