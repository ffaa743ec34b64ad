"""Image files as inputs: decoded on demand, or all at once where they fit in memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from assay.data.encoders import ImageEncoder
from assay.errors import InputError

Result = TypeVar("Result")
CHUNK, HANDFUL = 1024, 32


@dataclass(frozen=True)
class ImageFiles:
    """Lazy inputs over image files; `paths` are relative to `root`."""

    root: str
    paths: tuple[str, ...]
    encoder: ImageEncoder

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        return self.encoder.read(Path(self.root, self.paths[index]))

    def select(self, indices: Sequence[int]) -> ImageFiles:
        return replace(self, paths=tuple(self.paths[index] for index in indices))

    def digest(self) -> bytes:
        """Of what the files hold and how it is decoded, wherever they lie.

        Raises:
            InputError: a file is gone.
        """
        whole = hashlib.blake2b(repr(self.encoder).encode(), digest_size=16)
        for content in in_threads(self._digest_of_file, range(len(self))):
            if isinstance(content, InputError):
                raise content
            whole.update(content)
        return whole.digest()

    def _digest_of_file(self, index: int) -> bytes:
        path = Path(self.root, self.paths[index])
        try:
            return hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
        except OSError as error:
            raise InputError(f"{path}: cannot be read any more ({error.strerror}); put it back") from error

    @property
    def decoded_bytes(self) -> int:
        """What all of them would occupy as bytes in memory."""
        return len(self) * self.encoder.channels * self.encoder.height * self.encoder.width


def decode_files(files: ImageFiles, *, keep: bool) -> tuple[Tensor | ImageFiles, dict[int, str]]:
    """Decode every file once, so that none can fail in the middle of a training.

    Args:
        keep: hold the pixels in memory; otherwise only look, and leave the files lazy.
    Returns:
        The inputs, and a message for each position that could not be read.
    """
    encoder, unreadable = files.encoder, dict[int, str]()
    shape = (len(files) if keep else 0, encoder.channels, encoder.height, encoder.width)
    pixels = torch.empty(shape, dtype=torch.uint8)
    for index, image in enumerate(in_threads(files.__getitem__, range(len(files)))):
        if isinstance(image, InputError):
            unreadable[index] = str(image)
        elif keep:
            pixels[index] = image
    return (pixels if keep else files), unreadable


def in_threads(function: Callable[[int], Result], items: range) -> Iterator[Result | InputError]:
    """`function` of each item in order, on all cores; an `InputError` is given, not raised.

    Threads are enough: Pillow lets go of the interpreter while it decodes. Each takes a handful of
    items at a time, and no more than a chunk is decoded ahead of its use.
    """

    def attempt(handful: range) -> list[Result | InputError]:
        answers = list[Result | InputError]()
        for item in handful:
            try:
                answers.append(function(item))
            except InputError as error:
                answers.append(error)
        return answers

    with ThreadPoolExecutor(max_workers=min(8, len(os.sched_getaffinity(0)))) as pool:
        for start in range(0, len(items), CHUNK):
            chunk = items[start : start + CHUNK]
            for answers in pool.map(attempt, (chunk[i : i + HANDFUL] for i in range(0, len(chunk), HANDFUL))):
                yield from answers
