"""What tests of `--resume` share: a small recipe, and a Ctrl-C in the middle of a command."""

from __future__ import annotations

import pytest

RECIPE = """batch_size = 8
epochs = 2
[model]
kind = "MLP"
hidden = [8]
"""


def stop_after(trainings: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C when so many are begun."""
    from assay.stages import session

    begin, begun = session.begin_part, list[None]()

    def begin_part(*given: object, **more: object) -> object:
        begun.append(None)
        if len(begun) > trainings:
            raise KeyboardInterrupt
        return begin(*given, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(session, "begin_part", begin_part)
