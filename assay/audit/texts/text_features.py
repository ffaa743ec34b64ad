"""Features of texts, for models that are asked about labels and columns: which runs of letters stand in them.

    weights  = (1 + log count) * inverse document frequency      of runs of 3 and 4 letters inside a word, hashed
    features = the weights along their first 128 principal directions, scaled to length 1

Runs of letters need no list of words and hold for any script. Labels play no part in it, so all examples may be looked
at. For training there are better ones: the embeddings of a pretrained model.

Source: Deerwester et al. 1990, Indexing by latent semantic analysis; Weinberger et al. 2009, Feature hashing
(arXiv:0902.2206).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from assay.data.data import Data
from assay.data.encoders import TableEncoder
from assay.data.reading.column import Column
from assay.data.reading.text import Texts
from assay.data.split import Split
from assay.data.statistics import normalization_of
from assay.errors import InputError

MOST_FEATURES = 128
BUCKETS = 2**16
MOST_FITTED = 20_000
"""Texts whose principal directions are taken; more change them little."""
LETTERS_IN_ALL, FEWEST_LETTERS = 20_000_000, 200
"""What is read of all texts together, a quarter of a minute; and of each at least."""


def text_features(texts: Sequence[str], *, seed: int = 0) -> Float[np.ndarray, "n features"]:
    """A row of length 1 for each text, of zeros for one without a word; alike texts lie close to each other."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    most = max(FEWEST_LETTERS, LETTERS_IN_ALL // max(1, len(texts)))
    none: Any = None  # what scikit-learn's own annotation forgets
    runs = HashingVectorizer(
        n_features=BUCKETS, analyzer="char_wb", ngram_range=(3, 4), alternate_sign=False, norm=none
    )
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(runs.transform([text[:most] for text in texts]))
    some = np.sort(np.random.default_rng(seed).permutation(len(texts))[:MOST_FITTED])
    count = min(MOST_FEATURES, len(some) - 1)
    if count < 1 or weights.nnz == 0:
        return np.zeros((len(texts), 1), dtype=np.float32)
    directions = TruncatedSVD(count, random_state=seed % 2**32).fit(weights[some])
    found = np.asarray(directions.transform(weights), dtype=np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.where(lengths > 0, lengths, 1)


def with_text_features(data: Data, *, seed: int = 0) -> Data:
    """The same data whose inputs end with the lengths and the features of each text; itself where there is no text.

    The columns of one text stand together, after all others, and are its `stand_ins`.
    """
    if data.texts is None or not isinstance(data.specification.encoder, TableEncoder):
        return data
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    ids = [id for split in splits.values() for id in split.ids]
    blocks = _blocks_of(data.specification.encoder, torch.cat([_inputs(split) for split in splits.values()]))
    chosen = [block for name, block in blocks.items() if name not in data.texts.all_stand_ins]
    standing = dict[str, tuple[str, ...]]()
    for name, texts in data.texts.columns.items():
        features = torch.from_numpy(text_features([texts.get(id, "") for id in ids], seed=seed))
        described = [blocks[called] for called in data.texts.stand_ins.get(name, ())]
        described += [(Column(f"{name} (feature {n + 1})"), part) for n, part in enumerate(features.split(1, dim=1))]
        standing[name] = tuple(column.name for column, _ in described)
        chosen += described
    return _with_columns(data, chosen, Texts(data.texts.columns, standing))


def without_stand_ins(data: Data) -> Data:
    """The same data without the numbers that stand for texts, as a training reads it.

    Raises:
        InputError: no other input is left.
    """
    if data.texts is None or not isinstance(data.specification.encoder, TableEncoder):
        return data
    splits = (data.train, data.validation, data.test)
    blocks = _blocks_of(data.specification.encoder, torch.cat([_inputs(split) for split in splits]))
    chosen = [block for name, block in blocks.items() if name not in data.texts.all_stand_ins]
    if not chosen:
        raise InputError(f"{data.name}: all input columns ({', '.join(data.texts.columns)}) hold running text, which "
                         "no network here reads; turn it into numbers, such as the embeddings of a pretrained model in "
                         "an .npz file")  # fmt: skip
    return _with_columns(data, chosen, Texts(data.texts.columns))


def _with_columns(data: Data, chosen: Sequence[tuple[Column, Tensor]], texts: Texts) -> Data:
    """The data with these columns as its inputs, each with the values of all splits one after another."""
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    inputs = torch.cat([part for _, part in chosen], dim=1).split([len(split) for split in splits.values()])
    changed = {name: replace(splits[name], inputs=part) for name, part in zip(splits, inputs, strict=True)}
    specification = replace(
        data.specification,
        input_shape=tuple(inputs[0].shape[1:]),
        encoder=TableEncoder(tuple(column for column, _ in chosen)),
        normalization=normalization_of(changed["train"]),
    )
    return replace(data, specification=specification, texts=texts, **changed)


def _inputs(split: Split) -> Tensor:
    assert isinstance(split.inputs, Tensor)
    return split.inputs


def _blocks_of(encoder: TableEncoder, values: Tensor) -> dict[str, tuple[Column, Tensor]]:
    """Each column by its name, with its features."""
    parts = values.split([column.width for column in encoder.columns], dim=1)
    return {column.name: (column, part) for column, part in zip(encoder.columns, parts, strict=True)}
