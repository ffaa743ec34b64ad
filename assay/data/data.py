"""Data: the splits of one source, their specification, and what was found while reading them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from assay.data.specification import Specification
from assay.data.split import Split, WithDigest
from assay.finding import Finding

if TYPE_CHECKING:
    from assay.data.reading.headers import Headers
    from assay.data.reading.text import Texts


@dataclass(frozen=True, eq=False)
class Data:
    """Train, validation and test splits with the specification fixed on the training split.

    findings: what reading already had to say (skipped files, imputed cells, inferred task).
    headers, texts: of the image files or the columns of text it was read from, for whoever inspects it; nothing is
        trained on them.
    """

    name: str
    specification: Specification
    train: Split
    validation: Split
    test: Split
    findings: tuple[Finding, ...] = ()
    headers: Headers | None = None
    texts: Texts | None = None

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits that change when any example, label or split assignment changes.

        Inputs that are not in memory are read once for it, undecoded. Those that cannot say what they hold
        (a Dataset's own, without a `digest` method) count by their number alone.
        """
        digest = hashlib.blake2b(digest_size=8)
        for split in (self.train, self.validation, self.test):
            digest.update(repr(split.ids).encode())
            digest.update(split.targets.numpy().tobytes())
            if isinstance(split.inputs, Tensor):
                digest.update(split.inputs.contiguous().view(torch.uint8).numpy().tobytes())
            elif isinstance(split.inputs, WithDigest):
                digest.update(split.inputs.digest())
            if self.texts is not None:
                digest.update(b"".join(map(self.texts.digest, split.ids)))
        return digest.hexdigest()
