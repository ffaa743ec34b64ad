"""What the tabs ask: the subject as far as it is read, the decisions, and how the reading goes.

Reading runs in a thread of its own, begun once the first page is out: importing torch holds the interpreter for a
second, and the page should be there before.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from assay.errors import InputError
from assay.ui.asked import Asked
from assay.ui.desks import Desks

if TYPE_CHECKING:
    import numpy as np

    from assay.ui.journal import Journal
    from assay.ui.similar import Similar
    from assay.ui.subject import Subject
    from assay.ui.thumbnails import Thumbnails
    from assay.ui.views import Views, Wish

Made = TypeVar("Made")
Reading = Literal["reading", "inspecting", "ready", "failed"]
LONGEST_WAIT_SECONDS = 2.0
"""For the first page, before reading begins without it."""


@dataclass(eq=False)
class Workspace:
    """One page's subject, its decisions and what was made of them so far.

    reading: how far it is; `subject` and `journal` are there from `inspecting` on.
    stamp: differs from server to server, so that no browser shows pictures of another one.
    problem: why it failed, in one line; where only the inspection did, the data is shown without it.
    """

    asked: Asked
    reading: Reading = "reading"
    problem: str = ""
    subject: Subject | None = None
    journal: Journal | None = None
    thumbnails: Thumbnails | None = None
    views: Views | None = None
    similar: Similar | None = None
    desks: Desks = field(default_factory=Desks)
    decisions: Path | None = None
    stamp: str = field(default_factory=lambda: f"{time.time_ns():x}")
    _made: dict[Any, tuple[Subject, Any]] = field(default_factory=dict)
    _making: RLock = field(default_factory=RLock)
    page_is_out: Event = field(default_factory=Event)
    problem_was_shown: Event = field(default_factory=Event)

    def start(self, prepare: Callable[[], None] = lambda: None) -> None:
        """Begin to read in the background, once the tabs are prepared."""
        Thread(target=self._read_later, args=(prepare,), name="reading", daemon=True).start()

    def read(self, prepare: Callable[[], None] = lambda: None) -> None:
        """Read everything; what goes wrong is kept for the page to say."""
        try:
            prepare()
            self._read()
            self.reading = "ready"
        except (InputError, OSError) as error:
            self._fail(" ".join(str(error).split()))
        except Exception as error:
            traceback.print_exc()
            self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, problem: str) -> None:
        """Without data there is no page; without its audit there is."""
        self.problem = problem
        self.reading = "failed" if self.subject is None else "ready"

    def ready(self) -> tuple[Subject, Journal]:
        """What a tab needs.

        Raises:
            NotReadyError: it is not read yet, or cannot be.
        """
        if self.subject is None or self.journal is None:
            raise NotReadyError(self.problem or f"{self.asked.name} is being read")
        return self.subject, self.journal

    def once(self, make: Callable[[Subject], Made]) -> Made:
        """What is made of the subject, made once for each state of it."""
        subject, _ = self.ready()
        with self._making:
            kept = self._made.get(make)
            if kept is None or kept[0] is not subject:
                kept = self._made[make] = (subject, make(subject))
            return kept[1]

    def pictures(self) -> Thumbnails:
        """Pictures of the subject's examples."""
        self.ready()
        assert self.thumbnails is not None
        return self.thumbnails

    def rows(self, wish: Wish, moment: int | None = None) -> np.ndarray:
        """Rows of a wish; see `Views.rows`."""
        subject, journal = self.ready()
        assert self.views is not None
        return self.views.rows(subject, journal.read(), wish, moment)

    def _read_later(self, prepare: Callable[[], None]) -> None:
        self.page_is_out.wait(LONGEST_WAIT_SECONDS)
        self.read(prepare)

    def _read(self) -> None:
        from assay.ui.journal import Journal
        from assay.ui.opening import choose_decisions, open_subject, resolve
        from assay.ui.similar import Similar
        from assay.ui.thumbnails import Thumbnails
        from assay.ui.views import Views

        asked, folder = resolve(self.asked)
        self.decisions = choose_decisions(asked, folder)
        journal, self.desks.decisions = Journal(self.decisions), self.decisions
        for subject in open_subject(asked, folder):
            if self.subject is None:
                self.thumbnails, self.views, self.similar = Thumbnails(subject), Views(), Similar(subject)
            self.journal, self.subject, self.reading = journal, subject, "inspecting"


class NotReadyError(Exception):
    """A tab was asked before there is anything to show."""
