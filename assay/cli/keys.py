"""What a person types: one key at a time in a terminal, else a line at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ESCAPE = "\x1b"
END = "\x04"


@dataclass(frozen=True)
class Read:
    """Called, it gives the next key or line, and None at the end of the input."""

    next: Callable[[], str | None]
    by_key: bool

    def __call__(self) -> str | None:
        return self.next()


@contextmanager
def typed(*, single_keys: bool) -> Iterator[Read]:
    """Keys as they are pressed, if standard input is a terminal and they are wanted; else lines.

    The terminal is put back at the end of the block, also on Ctrl-C.
    """
    if single_keys and sys.stdin.isatty():
        with _single_keys() as next:
            yield Read(next, by_key=True)
    else:
        yield Read(_read_line, by_key=False)


def _read_line() -> str | None:
    line = sys.stdin.readline()
    return line.strip() if line else None


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def _single_keys() -> Iterator[Callable[[], str | None]]:
        def read() -> str | None:
            key = msvcrt.getwch()
            if key == "\x03":
                raise KeyboardInterrupt
            # Arrows and the like come as two.
            if key in ("\x00", "\xe0"):
                msvcrt.getwch()
                return ""
            return None if key in (END, "\x1a") else key.strip()

        yield read

else:
    import termios
    import tty

    @contextmanager
    def _single_keys() -> Iterator[Callable[[], str | None]]:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)

        def read() -> str | None:
            # What was typed before the question was seen answers nothing.
            pressed = os.read(descriptor, 64).decode(errors="ignore")
            if pressed in ("", END):
                return None
            return "" if pressed.startswith(ESCAPE) else pressed[0].strip()

        try:
            tty.setcbreak(descriptor)
            yield read
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
