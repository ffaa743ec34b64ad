"""Judgements that are kept in a folder: what is finished is not trained again after a kill.

A file holds one judge's answer on one fold. Its name says which, and its `identity` of what: another recipe, seed,
fold or example makes it another judgement, which is made anew.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from assay.audit.cleaning.arrays import save_arrays
from assay.audit.cleaning.fold import Dynamics, Fold, Judgement
from assay.whole_file import replacing

PROBABILITIES, DYNAMICS = "probabilities of ", "dynamics "


def identity_of(description: str, fold: Fold, fingerprint: str) -> str:
    """16 hex digits of all that a judgement depends on.

    Args:
        description: of the judge: its recipe or model, and its seed.
        fingerprint: of the data.
    """
    digest = hashlib.blake2b(f"{description} {fingerprint} {fold.number}".encode(), digest_size=8)
    digest.update(fold.held.tobytes())
    return digest.hexdigest()


def file_of(folder: Path, name: str, fold: Fold) -> Path:
    """Where the judgement of the judge of this name lies."""
    return folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}-fold-{fold.number + 1}.npz"


def keep_judgement(path: Path, identity: str, judgement: Judgement) -> None:
    """Write it whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    arrays = {PROBABILITIES + name: values for name, values in judgement.probabilities.items()}
    if judgement.dynamics is not None:
        arrays |= {DYNAMICS + field.name: getattr(judgement.dynamics, field.name) for field in fields(Dynamics)}
    arrays |= {"identity": np.array(identity), "seconds": np.array(judgement.seconds)}
    with replacing(path) as unfinished:
        save_arrays(unfinished, arrays)


def find_judgement(path: Path, identity: str) -> Judgement | None:
    """What is kept there, if it is of this identity and can be read."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None
    if str(arrays.get("identity")) != identity:
        return None
    found = {name[len(PROBABILITIES) :]: values for name, values in arrays.items() if name.startswith(PROBABILITIES)}
    parts = {name[len(DYNAMICS) :]: values for name, values in arrays.items() if name.startswith(DYNAMICS)}
    return Judgement(found, Dynamics(**parts) if parts else None, float(arrays["seconds"]))
