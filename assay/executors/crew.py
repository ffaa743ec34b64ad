"""Those who do an asker's trainings, wherever they are."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Crew(Protocol):
    """Workers that are started at the first look, and again whenever one is gone."""

    def look(self) -> None:
        """Start those that are missing; what a dead one was doing is free at once.

        Raises:
            InputError: workers end with an error again and again.
        """
        ...

    def stop(self) -> None:
        """Let each save what it trains and give it back."""
        ...
