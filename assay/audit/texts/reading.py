"""The words of one column of text, split by split."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from assay.audit.counts import splits_of
from assay.data.data import Data
from assay.data.reading.text import words_of


@dataclass(frozen=True, eq=False)
class TextColumn:
    """One column over all splits, in their order.

    vocabulary: how often each word stands in the training split. noun: what a word is called.
    """

    name: str
    ids: tuple[str, ...]
    splits: tuple[str, ...]
    texts: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    vocabulary: Counter[str]
    noun: str = "word"

    def __len__(self) -> int:
        return len(self.ids)

    def unknown(self, place: int) -> int:
        """How many words of a text do not stand in the training split."""
        return sum(word not in self.vocabulary for word in self.words[place])


def text_columns(data: Data) -> Iterator[TextColumn]:
    """Each column of text; none where the source has none."""
    for name, texts in ({} if data.texts is None else data.texts.columns).items():
        places = [(key, split) for split, part in splits_of(data).items() for key in part.ids if key in texts]
        written = [texts[key] for key, _ in places]
        # One object for all places where a word stands: memory grows with the vocabulary, not with the text.
        words = [tuple(map(sys.intern, words_of(text))) for text in written]
        known = (word for (_, split), said in zip(places, words, strict=True) if split == "train" for word in said)
        ids, splits = zip(*places, strict=True) if places else ((), ())
        yield TextColumn(name, ids, splits, tuple(written), tuple(words), Counter(known))
