"""Tracking beside a command: a thread reads the file of curves as it grows and hands on what is new.

Nothing in a training knows of it: what slows down, breaks or hangs in a tracking tool does so here, is told once, and
costs no step. Trainings in other processes are tracked alike, since they tell the same file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from assay.tracking.outcome import read_outcome
from assay.tracking.sink import Recorder, Sink, Tracked
from assay.training.live import FILE, Curve, LiveTail

EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 60.0
"""How long a command that is done waits for its tools to write the rest."""


@contextmanager
def followed(
    sinks: Sequence[Sink], tracked: Tracked, *, say: Callable[[str], None], every_seconds: float = EVERY_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[None]:  # fmt: skip
    """Hand on what the command in this block measures; without sinks nothing is done.

    Args:
        say: told once of each tool that does not work, and of one that takes too long at the end.
    """
    followers = [_Follower(sink, tracked, say, every_seconds) for sink in sinks]
    finished = False
    try:
        for follower in followers:
            follower.thread.start()
        yield
        finished = True
    finally:
        for follower in followers:
            follower.stop(finished, patience_seconds)


@dataclass(eq=False)
class _Follower:
    """One sink with the thread that tells it. told: how many losses and values it has of each curve."""

    sink: Sink
    tracked: Tracked
    say: Callable[[str], None]
    every_seconds: float
    told: dict[str, tuple[int, int]] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)
    finished: bool = False

    def __post_init__(self) -> None:
        self.tail = LiveTail(self.tracked.folder / FILE)
        # What an earlier sitting measured was told by that sitting.
        self.tail.read()
        self.told = {name: (len(curve.losses), len(curve.values)) for name, curve in self.tail.curves.items()}
        self.thread = threading.Thread(target=self._work, daemon=True, name=f"tracking by {self.sink.package}")

    def stop(self, finished: bool, patience_seconds: float) -> None:
        """Let it write the rest, but not for ever."""
        self.finished = finished
        self.done.set()
        self.thread.join(patience_seconds)
        if self.thread.is_alive():
            self.say(
                f"tracking by {self.sink.package} takes longer than {patience_seconds:g} s to end; it is left behind"
            )

    def _work(self) -> None:
        try:
            self.tracked.folder.mkdir(parents=True, exist_ok=True)
            recorder = self.sink.begin(self.tracked)
            while not self.done.wait(self.every_seconds):
                self._tell(recorder)
            self._tell(recorder)
            recorder.end(read_outcome(self.tracked.folder, finished=self.finished))
        except Exception as error:
            reason = " ".join(str(error).split())
            self.say(f"tracking by {self.sink.package} stopped ({type(error).__name__}: {reason}); nothing else did")

    def _tell(self, recorder: Recorder) -> None:
        self.tail.read()
        for name, curve in self.tail.curves.items():
            losses, values = self.told.get(name, (0, 0))
            for step, point in _points(curve, losses, values):
                recorder.point(label_of(curve), step, point)
            self.told[name] = len(curve.losses), len(curve.values)


def _points(curve: Curve, losses: int, values: int) -> Iterator[tuple[int, Mapping[str, float]]]:
    """What was measured beyond so many losses and values of the metric."""
    for step, loss in islice(curve.losses.items(), losses, None):
        yield step, {"loss": loss, **({"learning_rate": curve.rates[step]} if step in curve.rates else {})}
    for step, value in islice(curve.values.items(), values, None):
        yield step, {curve.metric: value}


def label_of(curve: Curve) -> str:
    """A training as people know it: `ablate/Mixup(), seed 1`; a slash of its own would make a folder."""
    return f"{curve.stage or 'training'}/{(curve.text or curve.name).replace('/', ' per ')}"
