"""What to ask about images: detail, layout, colour, exposure, place, orientation.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 1: are very local features enough or is global
context needed; how much variation is there, and which of it is spurious and could be preprocessed away; does spatial
position matter or should it be averaged out; how much does detail matter, and how far may images be downsampled.
"""

from __future__ import annotations

from functools import partial

from assay.audit.questionnaire import changes
from assay.audit.questionnaire.question import Advice, Question

LEAST_PATCH = 4
"""Pixels: of less there is no content to look at."""
LEAST_COARSE = 4
"""Pixels that a side must have left."""
MOVE = 0.25


def image_questions(shape: tuple[int, ...]) -> tuple[Question, ...]:
    """The questions that make sense for images of (channels, height, width), the most telling first."""
    channels, height, width = shape
    least = min(height, width)
    asked = [_detail(height, width, 2)] if least // 2 >= LEAST_COARSE else []
    asked += [_layout(height, width, 2)] if least // 2 >= LEAST_PATCH else []
    asked += [_colour()] if channels == 3 else []
    asked += [_mirrored(), _place(height, width), _pooled()]
    asked += [_detail(height, width, 4)] if least // 4 >= LEAST_COARSE else []
    asked += [_layout(height, width, 4)] if least // 4 >= LEAST_PATCH else []
    asked += [_exposure(), _upside_down()]
    return (*asked, _turned()) if height == width else tuple(asked)


def _detail(height: int, width: int, factor: int) -> Question:
    small = f"{round(height / factor)}x{round(width / factor)}"
    return Question(
        f"detail_{factor}",
        f"1/{factor} of the resolution",
        f"Does the class survive at {small} instead of {height}x{width} pixels?",
        "without",
        Advice(
            f"Try first at {small} (--size {small} for image files): a step costs about {factor**2} times less. "
            "ProgressiveResizing starts small and ends at full size.",
            use=("progressive-resizing",),
        ),
        Advice(
            f"Keep more than {small} pixels for the model that counts, and halve the resolution late in the "
            "network; for first trials that size may do."
        ),
        lambda inputs, _: changes.coarsen(inputs, factor=factor),
    )


def _layout(height: int, width: int, grid: int) -> Question:
    patch = f"{height // grid}x{width // grid}"
    return Question(
        f"layout_{grid}",
        f"{grid}x{grid} patches shuffled",
        f"Are patches of {patch} pixels enough, wherever they lie, or is the whole layout needed?",
        "without",
        Advice(
            f"Local features of {patch} pixels suffice: a network that sees no farther, with an average pool at its "
            "end, will do, and crops of a small area keep the class.",
            use=("random-area-crop", "global-average-pooling"),
        ),
        Advice(
            f"More than a patch of {patch} pixels is needed: let the last maps see the whole image (depth, or a head "
            "that flattens them), and do not cut crops much smaller than it.",
            avoid=("random-area-crop",) if grid == 2 else (),
        ),
        partial(changes.shuffle_patches, grid=grid),
    )


def _colour() -> Question:
    return Question(
        "colour",
        "grey",
        "Does colour matter?",
        "without",
        Advice(
            "Grey inputs do: store one channel, or jitter colours freely so that the network does not lean on them.",
            use=("color-jitter", "hsv-shift"),
        ),
        Advice(
            "Keep the colours, and change hue and saturation little if at all.", avoid=("color-jitter", "hsv-shift")
        ),
        lambda inputs, _: changes.to_grey(inputs),
    )


def _exposure() -> Question:
    return Question(
        "exposure",
        "even exposure",
        "Does the brightness and the contrast of the whole image tell anything?",
        "without",
        Advice(
            "Exposure is no cue: it may be taken out beforehand, or varied at random.",
            use=("global-contrast-norm", "color-jitter"),
        ),
        Advice(
            "Exposure carries a part of the class: keep it if that is meant, and find out why if it is not (another "
            "camera or place for each class?).",
            avoid=("global-contrast-norm",),
        ),
        lambda inputs, _: changes.even_exposure(inputs),
    )


def _place(height: int, width: int) -> Question:
    down, right = int(MOVE * height), int(MOVE * width)
    return Question(
        "place",
        "moved at random",
        f"Does it matter where things lie? (Moved by up to {down} pixels down or up and {right} to a side.)",
        "without",
        Advice("Position tells nothing: move images freely.", use=("translate", "crop")),
        Advice(
            "Where things lie helps: the pictures are framed alike, or the place itself is the class. Move them by few "
            "pixels only, and frame new pictures as these are framed."
        ),
        partial(changes.move, share=MOVE),
    )


def _pooled() -> Question:
    return Question(
        "average_pool",
        "average pool",
        "May the last maps be averaged, or does the last layer need to know the place of each feature?",
        "pooled",
        Advice("End in an average pool: fewer weights, and images of any size.", use=("global-average-pooling",)),
        Advice(
            "Let the last layer see each pixel of the last maps (head='flatten').", avoid=("global-average-pooling",)
        ),
    )


def _mirrored() -> Question:
    return Question(
        "mirrored",
        "mirrored too",
        "Does an image keep its class when left and right are exchanged?",
        "also",
        Advice("Mirrored images keep their class and are known without training: mirroring is safe.", use=("flip",)),
        Advice(
            "Images are told worse with mirrored ones among them, as their labels clash or they are "
            "much new to learn: leave mirroring out.",
            avoid=("flip", "flip-average"),
        ),
        lambda inputs, _: changes.mirror(inputs),
        _strange("mirrored", "`assay ablate` measures whether mirroring brings anything (flip)."),
    )


def _upside_down() -> Question:
    return Question(
        "upside_down",
        "upside down too",
        "Does an image keep its class when it stands upside down?",
        "also",
        Advice("Images upside down keep their class and are known without training: turning them over is safe."),
        Advice(
            "Images are told worse with such among them, as their labels clash or they are much new "
            "to learn: do not turn them over."
        ),
        lambda inputs, _: changes.upside_down(inputs),
        _strange("upside down", "leave them out unless such images will be met."),
    )


def _turned() -> Question:
    return Question(
        "turned",
        "quarter turns too",
        "Does an image keep its class when it is turned by quarters?",
        "also",
        Advice("There is no up and down here: turns by any angle are new examples.", use=("rotate-scale",)),
        Advice(
            "Images are told worse with turned ones among them, as their labels clash or they are much "
            "new to learn: turn them by few degrees at most."
        ),
        changes.quarter_turns,
        _strange("turned", "leave them out unless such images will be met."),
    )


def _strange(how: str, remedy: str) -> Advice:
    return Advice(
        f"Images {how} are unlike those here: networks learn both, yet whether their labels "
        f"survive is for a person to say. If they do, {remedy}"
    )
