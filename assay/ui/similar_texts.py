"""Texts that are alike: by the words that they share, rare ones above all.

    weight = (1 + log count in the text) * (log((1 + texts) / (1 + texts with the word)) + 1)

Source: Salton and Buckley 1988, Term-weighting approaches in automatic text retrieval, section 2; the logarithms are
those of scikit-learn's TfidfTransformer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from assay.data.reading.text import words_of
from assay.randomness import generator_for
from assay.ui.subject import Subject

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHUNK = 2000
BUCKETS = 2**18
"""Words are told apart by a hash into so many: the memory is known before the vocabulary is."""


def describe_texts(subject: Subject, seconds: float) -> tuple[Tensor, csr_matrix]:
    """Rows and their words, weighted and of length 1: of all texts, or of a random part within the time."""
    from scipy.sparse import vstack
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    texts, ids = subject.data.texts, subject.table["id"].to_list()
    assert texts is not None
    # Its annotations are narrower than what it takes.
    options: dict[str, Any] = {"analyzer": words_of, "norm": None, "dtype": np.float32}
    count = HashingVectorizer(n_features=BUCKETS, alternate_sign=False, **options)
    deadline, read, parts = time.monotonic() + seconds, [], []
    for rows in torch.randperm(len(ids), generator=generator_for(0, "similar texts")).split(CHUNK):
        parts.append(count.transform(" ".join(text for _, text in texts.of(ids[row])) for row in rows.tolist()))
        read.append(rows)
        if time.monotonic() > deadline:
            break
    return torch.cat(read), TfidfTransformer(sublinear_tf=True).fit_transform(vstack(parts, format="csr"))
