"""All worlds, all faults and all look-alikes, explicitly."""

from __future__ import annotations

from faults.fault import Fault, World
from faults.look_alike import LookAlike
from faults.look_alikes import steps
from faults.planted import loop
from faults.worlds import images, tables

WORLDS: dict[str, World] = {"images": images.draw, "tables": tables.draw}
FAULTS: tuple[Fault, ...] = tuple(fault for group in (loop,) for fault in group.FAULTS)
LOOK_ALIKES: tuple[LookAlike, ...] = tuple(odd for group in (steps,) for odd in group.LOOK_ALIKES)
