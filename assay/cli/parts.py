"""Parts that are no tricks: functions and modules for one's own networks and loops, found by the same words."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

PAGE = "the documentation's page `Parts for your own networks and loops`"


@dataclass(frozen=True)
class Part:
    """place: where it is imported from; also: what else the field calls it, split by commas."""

    place: str
    also: str

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called."""
        return (self.place.rpartition(".")[2], *self.also.split(", "))

    @property
    def thing(self) -> Any:
        """The function or class itself."""
        module, _, name = self.place.rpartition(".")
        return getattr(import_module(module), name)

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return inspect.cleandoc(self.thing.__doc__ or "").partition("\n")[0]


PARTS = (
    Part("assay.boxes.iou_loss", "IoU, intersection over union"),
    Part("assay.boxes.giou_loss", "GIoU, generalised intersection over union"),
    Part("assay.boxes.diou_loss", "DIoU, distance intersection over union"),
    Part("assay.boxes.ciou_loss", "CIoU, complete intersection over union"),
    Part("assay.models.feature_pyramid.FeaturePyramid", "FPN, neck"),
    Part("assay.models.feature_pyramid.PathAggregation", "PAN, PANet, neck"),
    Part("assay.models.pyramid_pooling.StackedPools", "SPP, neck, spatial pyramid pooling of YOLO"),
    Part("assay.models.norms.swap_norm", "replace batch norm, convert norms"),
    Part("assay.models.norms.insert_norm", "add norms"),
    Part("assay.models.activations.swap_activation", "replace ReLU"),
    Part("assay.losses.CrossEntropy", "dense targets, soft targets"),
    Part("assay.tuning.range_test.find_range", "LR finder, learning rate range test"),
    Part("assay.tuning.largest_batch.find_largest_batch", "largest batch that fits, batch size finder, memory"),
)


def find_parts(words: Sequence[str]) -> list[Part]:
    """The parts whose names, place or first line hold all the words."""
    from assay.tricks.spelling import holds

    def text(part: Part) -> str:
        return f"{part.place} {part.also} {part.summary}"

    return [part for part in PARTS if words and all(holds(text(part), word) for word in words)]


def find_part(name: str) -> Part | None:
    """The first part that is called so, or None."""
    from assay.tricks.spelling import condense

    return next((part for part in PARTS if condense(name) in map(condense, part.names)), None)


def tell_parts(parts: Sequence[Part]) -> str:
    """A line each, below what they are."""
    width = max(len(part.place) for part in parts)
    lines = [f"  {part.place:{width}}  {part.summary}" for part in parts]
    return "\n".join([f"Parts that are no tricks, to import; see {PAGE}:", *lines])


def describe_part(part: Part) -> dict[str, str]:
    """Plain values; no `slot`, as it fills none."""
    return {"name": part.names[0], "import": part.place, "also": part.also, "summary": part.summary}


def tell_part(part: Part) -> str:
    """One part as its card: what its module says, what itself does, and how it is called and imported."""
    module = inspect.getmodule(part.thing)
    signature = f"{part.names[0]}{inspect.signature(part.thing)}"
    place, _, name = part.place.rpartition(".")
    own = inspect.cleandoc(part.thing.__doc__ or "")
    return "\n\n".join(
        [
            inspect.cleandoc(module.__doc__ or "") if module else "",
            f"{signature}\n    {own}",
            f"Import: from {place} import {name}\nAlso: {part.also}\nNo trick but a part; see {PAGE}.",
        ]
    )
