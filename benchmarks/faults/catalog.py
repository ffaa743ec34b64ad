"""All worlds, all faults and all look-alikes, explicitly."""

from __future__ import annotations

from faults.fault import Fault, World
from faults.look_alike import LookAlike
from faults.look_alikes import data, losses, networks, optimizers, steps
from faults.look_alikes import meetings as odd_meetings
from faults.planted import (
    inputs,
    labels,
    layers,
    loaders,
    loop,
    loss,
    meetings,
    optimizer,
    reading,
    schedule,
    validation,
    wiring,
)
from faults.worlds import autoencoders, images, language, sequences, signals, tables, two_networks

WORLDS: dict[str, World] = {
    "images": images.draw, "tables": tables.draw, "sequences": sequences.draw, "language": language.draw,
    "signals": signals.draw, "autoencoders": autoencoders.draw, "two_networks": two_networks.draw,
}  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    *inputs.FAULTS, *labels.FAULTS, *validation.FAULTS, *loaders.FAULTS, *loss.FAULTS, *wiring.FAULTS, *layers.FAULTS,
    *optimizer.FAULTS, *loop.FAULTS, *schedule.FAULTS, *reading.FAULTS, *meetings.FAULTS,
)  # fmt: skip
LOOK_ALIKES: tuple[LookAlike, ...] = (
    *data.LOOK_ALIKES, *losses.LOOK_ALIKES, *networks.LOOK_ALIKES, *steps.LOOK_ALIKES, *optimizers.LOOK_ALIKES,
    *odd_meetings.LOOK_ALIKES,
)  # fmt: skip
