"""Pictures kept: how many bytes they are is counted once each."""

from __future__ import annotations

import pytest
from page_support import make_pictures

from assay.ui import thumbnails
from assay.ui.example_rows import list_examples
from assay.ui.subject import Subject
from assay.ui.thumbnails import Picture, Thumbnails


def test_a_picture_that_two_draw_at_once_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_pictures(12)
    kept, calls = Thumbnails(Subject(data, list_examples(data))), []

    def draw(raw: object, specification: object, size: int) -> Picture:
        calls.append(size)
        if len(calls) == 1:
            kept.picture(0, 160)
        return Picture(b"1234", "image/png")

    monkeypatch.setattr(thumbnails, "draw_example", draw)
    kept.picture(0, 160)
    assert (len(calls), kept._bytes) == (2, 4)
    monkeypatch.setattr(thumbnails, "KEPT_BYTES", 3)
    kept.picture(1, 160)
    assert (len(kept._kept), kept._bytes) == (0, 0)
