"""How a worker opens the data of a training: what the asking process opened, and which of its examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assay.audit.decisions import apply_decisions, read_decisions
from assay.data.data import Data
from assay.data.examples import READING
from assay.data.open import NAMED, open_data
from assay.data.split import Split
from assay.errors import InputError
from assay.trial import pack, unpack

READ = ("source", *READING, "seed", "decisions")
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Opening:
    """What a process opened, so that others can open it too.

    asked: the options of `assay.data.open_data`, and `decisions`, as plain values. whole: what they open.
    """

    asked: Mapping[str, Any]
    whole: Data

    def of(self, data: Data) -> dict[str, Any] | None:
        """Plain values from which `open_again` makes `data`; None if it is no part of what was opened."""
        asked = {name: self.asked[name] for name in READ if self.asked.get(name) is not None}
        for name in ("source", "decisions"):
            # A worker may stand in another folder.
            if name in asked and asked[name] not in NAMED and Path(asked[name]).expanduser().exists():
                asked[name] = str(Path(asked[name]).expanduser().resolve())
        chosen = {}
        for name in SPLITS:
            places = _places(getattr(self.whole, name), getattr(data, name))
            if places is None:
                return None
            is_whole = np.array_equal(places, np.arange(len(getattr(self.whole, name))))
            chosen |= {} if is_whole else {name: pack(places)}
        opening = {"asked": asked, "chosen": chosen}
        return opening if _select(self.whole, chosen).fingerprint == data.fingerprint else None


def open_again(opening: Mapping[str, Any], fingerprint: str) -> Data:
    """The data as the asking process had it.

    Raises:
        InputError: it cannot be read here, or is not the same here.
    """
    asked = dict(opening["asked"])
    decisions, size = asked.pop("decisions", None), asked.pop("size", None)
    data = open_data(asked.pop("source"), size=None if size is None else tuple(size), **asked)
    if decisions is not None:
        data = apply_decisions(data, read_decisions(Path(decisions)), seed=asked["seed"])
    data = _select(data, opening["chosen"])
    if data.fingerprint != fingerprint:
        raise InputError(
            f"{opening['asked']['source']}: the data here is not what was asked for (fingerprint {data.fingerprint}, "
            f"asked {fingerprint}); give this machine the same files under the same path"
        )
    return data


def _places(whole: Split, part: Split) -> np.ndarray | None:
    """Where the part's examples are in the whole, by their ids."""
    place = {id: number for number, id in enumerate(whole.ids)}
    if not all(id in place for id in part.ids):
        return None
    return np.array([place[id] for id in part.ids], np.int32)


def _select(whole: Data, chosen: Mapping[str, str]) -> Data:
    splits = {name: getattr(whole, name).select(torch.from_numpy(unpack(text)).long()) for name, text in chosen.items()}
    return replace(whole, **splits) if splits else whole
