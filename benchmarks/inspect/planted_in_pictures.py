"""Faults of pictures: copies that were edited, conditions that differ by class or split, files that are broken."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from PIL import Image
from planted_draws import draw_pictures
from planted_fault import Drawn, Fault, judged_part, of_kinds, some
from planted_sets import Arrays, encode

NEAR = ("train_test_near_duplicates", "train_validation_near_duplicates")
DIVIDED, FILES = partial(draw_pictures, divided=True), partial(draw_pictures, in_files=True)
WORDS = ("DSC", "scan", "web", "PXL", "camera2")


def leak_edited(edit: str, drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Training pictures, edited, among those of another part."""
    assert isinstance(drawn, Arrays)
    part = judged_part(drawn, chance)
    rows = chance.choice(drawn.rows("train"), max(3, round(chance.uniform(0.02, 0.1) * len(drawn.rows(part)))))
    return drawn.added(np.stack([EDITS[edit](drawn.inputs[row], chance) for row in rows]), drawn.labels[rows], part)


def recompress(picture: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Saved again as a JPEG of quality 50 to 90."""
    import io

    content = encode(picture, ".jpg", picture.shape[:2], int(chance.integers(50, 91)))
    return np.asarray(Image.open(io.BytesIO(content))).reshape(picture.shape)


def mirror(picture: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Left for right."""
    return picture[:, ::-1]


def crop(picture: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """One or two pixels cut off at sides drawn by lot, and scaled to the old size."""
    height, width = picture.shape[:2]
    top, left, bottom, right = (int(chance.integers(0, 3)) for _ in range(4))
    cut = picture[top : height - max(bottom, 1), left : width - right]
    image = Image.fromarray(cut[:, :, 0] if cut.shape[2] == 1 else cut).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    return np.asarray(image).reshape(picture.shape)


def relight(picture: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """A tenth to a fifth brighter or darker."""
    return _bytes(picture * (1 + chance.choice([-1, 1]) * chance.uniform(0.1, 0.2)))


EDITS = {"recompressed": recompress, "mirrored": mirror, "cropped": crop, "relit": relight}


def shift(kind: str, drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """All pictures of one part taken otherwise."""
    assert isinstance(drawn, Arrays)
    rows, inputs, strength = (
        drawn.rows(judged_part(drawn, chance)),
        drawn.inputs.astype(float),
        chance.uniform(0.4, 0.7),
    )
    part = inputs[rows]
    if kind == "darker":
        part = part * strength
    elif kind == "brighter":
        part = part + 100 * strength
    elif kind == "flatter":
        middle = part.mean((1, 2, 3), keepdims=True)
        part = middle + (part - middle) * strength
    else:
        part = (part + sum(np.roll(part, by, axis) for axis in (1, 2) for by in (-1, 1))) / 5
    inputs[rows] = part
    return replace(drawn, inputs=_bytes(inputs))


def cue_brightness(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Each class under a light of its own: its pictures have nearly one mean."""
    assert isinstance(drawn, Arrays)
    inputs, kinds = drawn.inputs.astype(float), drawn.classes
    wanted = chance.permutation(np.linspace(60, 190, len(kinds)))[np.searchsorted(kinds, drawn.labels)]
    wanted = wanted + chance.normal(0, 0.05 * 130 / len(kinds), len(drawn))
    # Half the contrast, so that what is added is not cut off at black and white.
    inputs = (inputs - inputs.mean((1, 2, 3), keepdims=True)) * 0.3 + wanted[:, None, None, None]
    return replace(drawn, inputs=_bytes(inputs))


def cue_border(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A frame, a pixel or two wide, in the colour of the class."""
    assert isinstance(drawn, Arrays)
    inputs, kinds = drawn.inputs.copy(), drawn.classes
    levels = chance.permutation(np.linspace(20, 235, len(kinds)))
    colours = np.stack([levels, *(chance.permutation(levels) for _ in range(inputs.shape[3] - 1))], 1)
    frame = np.ones(inputs.shape[1:3], bool)
    wide = 1 if inputs.shape[1] == 8 else int(chance.integers(1, 3))
    frame[wide:-wide, wide:-wide] = False
    inputs[:, frame] = _bytes(colours[np.searchsorted(kinds, drawn.labels)] + chance.normal(0, 2, (len(drawn), 1)))[
        :, None
    ]
    return replace(drawn, inputs=inputs)


def cue_of_one(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """One class in a frame, or far darker, or far brighter, than all others."""
    assert isinstance(drawn, Arrays)
    inputs, kind = drawn.inputs.astype(float), int(chance.integers(3))
    kinds, counts = np.unique(drawn.labels, return_counts=True)
    rows = np.flatnonzero(drawn.labels == chance.choice(kinds[counts >= counts.mean()]))
    if kind == 0:
        wide = max(1, inputs.shape[1] // 16)
        frame = np.ones(inputs.shape[1:3], bool)
        frame[wide:-wide, wide:-wide] = False
        inputs[rows[:, None], frame] = chance.choice([140, 200, 255])
    else:
        inputs[rows] = inputs[rows] * 0.12 if kind == 1 else 215 + inputs[rows] * 0.15
        others = np.setdiff1d(np.arange(len(drawn)), rows)
        inputs[others] = 50 + inputs[others] * 0.5
    return replace(drawn, inputs=_bytes(inputs))


def cue_size(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Files of each class in a size of its own; scaled to one when they are opened."""
    assert isinstance(drawn, Arrays)
    sides = drawn.inputs.shape[1] + chance.permutation(np.arange(len(drawn.classes)) * 8)
    sides = sides[np.searchsorted(drawn.classes, drawn.labels)].tolist()
    return replace(drawn, sizes=tuple((side, side) for side in sides))


def cue_name(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Each class from one of a few sources, which the names of its files tell."""
    assert isinstance(drawn, Arrays)
    kinds = drawn.classes
    words = chance.choice(WORDS, int(chance.integers(2, max(3, min(len(WORDS), len(kinds) - 1)))), replace=False)
    of = {kind: str(words[place % len(words)]) for place, kind in enumerate(chance.permutation(kinds).tolist())}
    return replace(drawn, names=tuple(f"{of[kind]}_{row:05d}" for row, kind in enumerate(drawn.labels.tolist())))


def cue_format(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Some classes as PNG, the others as JPEG."""
    assert isinstance(drawn, Arrays)
    kinds = chance.permutation(drawn.classes)
    lossless = set(kinds[: int(chance.integers(1, len(kinds)))].tolist())
    return replace(drawn, endings=tuple(".png" if kind in lossless else ".jpg" for kind in drawn.labels.tolist()))


def film(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Each picture by one of many persons, whose camera tints and dims it; the names of files tell the person."""
    assert isinstance(drawn, Arrays)
    count, word = len(drawn) // int(chance.integers(5, 15)), str(chance.choice(["subject", "film", "patient", "p"]))
    person = chance.integers(0, count, len(drawn))
    gains = chance.uniform(0.5, 1.0, (count, 1, 1, drawn.inputs.shape[3]))[person]
    names = tuple(f"{word}{number:03d}_{row:04d}" for row, number in enumerate(person.tolist()))
    return replace(drawn, inputs=_bytes(drawn.inputs * gains), names=names)


def spoil(kind: str, drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Some files are not what they should be."""
    assert isinstance(drawn, Arrays)
    rows = some(chance, np.arange(len(drawn)), 0.002, 0.02, count=1).tolist()
    files = {row: encode(drawn.inputs[row], drawn.endings[row], drawn.sizes[row]) for row in rows}
    made = {
        "truncated": lambda content: content[: int(len(content) * chance.uniform(0.2, 0.7))],
        "empty": lambda content: b"",
        "a page of an error": lambda content: b"<html><body>404 Not Found</body></html>",
    }[kind]
    return replace(drawn, spoilt={row: made(content) for row, content in files.items()})


def misname(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """PNG files that are called JPEG, or the reverse."""
    assert isinstance(drawn, Arrays)
    rows = some(chance, np.arange(len(drawn)), 0.01, 0.05, count=2).tolist()
    other = ".png" if drawn.endings[0] == ".jpg" else ".jpg"
    return replace(drawn, spoilt={row: encode(drawn.inputs[row], other, drawn.sizes[row]) for row in rows})


def blank(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Some pictures of one colour."""
    assert isinstance(drawn, Arrays)
    inputs = drawn.inputs.copy()
    inputs[some(chance, np.arange(len(drawn)), 0.002, 0.02, count=1)] = chance.choice(
        [0, 255, int(chance.integers(256))]
    )
    return replace(drawn, inputs=inputs)


def kill_channel(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """One of three channels has one value everywhere."""
    assert isinstance(drawn, Arrays)
    inputs = drawn.inputs.copy()
    inputs[..., chance.integers(3)] = chance.choice([0, 128, 255])
    return replace(drawn, inputs=inputs)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _large(drawn: Drawn) -> bool:
    return isinstance(drawn, Arrays) and drawn.inputs.shape[1] >= 28


def _coloured(drawn: Drawn) -> bool:
    return isinstance(drawn, Arrays) and drawn.inputs.shape[3] == 3 and not drawn.in_files


FAULTS = (
    *(Fault(f"leak_{edit}", f"training pictures, {edit}, in another split", NEAR, DIVIDED, partial(leak_edited, edit),
            _large) for edit in EDITS),
    *(Fault(f"shift_{kind}", f"a split whose pictures are {kind}", ("drift",), DIVIDED, partial(shift, kind))
      for kind in ("darker", "brighter", "flatter")),
    Fault("shift_blurred", "a split whose pictures are blurred", ("drift",), DIVIDED,
          partial(shift, "blurred"), _large),
    Fault("cue_brightness", "brightness tells the class", ("single_columns",), draw_pictures, cue_brightness,
          of_kinds(2, 6)),
    Fault("cue_border", "the colour of the border tells the class", ("single_columns",), draw_pictures, cue_border),
    Fault("cue_of_one_class", "the look of one class tells it", ("class_cues",), draw_pictures, cue_of_one,
          of_kinds(3)),
    Fault("cue_size", "the size of the file's picture tells the class", ("single_columns", "file_cues"), FILES,
          cue_size),
    Fault("cue_name", "a word in the file's name tells the class", ("name_cues",), FILES, cue_name, of_kinds(3)),
    Fault("cue_format", "the file's format tells the class", ("file_cues", "name_cues"), FILES, cue_format,
          lambda drawn: _large(drawn)),
    Fault("groups_in_names", "persons, told by file names, on both sides", ("groups_straddle_splits",), FILES, film),
    *(Fault(f"file_{kind.split()[-1]}", f"some files are {kind}", ("unreadable_files",), FILES, partial(spoil, kind))
      for kind in ("truncated", "empty", "a page of an error")),
    Fault("file_misnamed", "some files have another format than their name says", ("wrong_extensions",), FILES,
          misname),
    Fault("blank", "some pictures of one colour", ("blank_images",), draw_pictures, blank),
    Fault("dead_channel", "a colour channel that never varies", ("constant_channels",), draw_pictures, kill_channel,
          _coloured),
)  # fmt: skip
