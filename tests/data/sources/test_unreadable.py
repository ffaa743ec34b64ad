"""Files that were left out: counted by reason and by folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.data.open import open_data
from assay.data.sources.unreadable import kind_of, unreadable_finding


def test_nothing_is_said_of_nothing() -> None:
    assert unreadable_finding((), accepted=False) == ()


@pytest.mark.parametrize(("accepted", "level"), [(True, "suspect"), (False, "proved")])
def test_each_reason_and_folder_has_its_count(tmp_path: Path, make_folder, accepted: bool, level: str) -> None:
    root = make_folder(tmp_path / "s", {"a": 10, "b": 10})
    (root / "a" / "empty.png").write_bytes(b"")
    (root / "a" / "page.jpg").write_text("<html>404</html>")
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((4, 6)).save(root / "a" / "fine.png")
    Image.fromarray(noise).save(root / "b" / "cut.jpg")
    (root / "b" / "cut.jpg").write_bytes((root / "b" / "cut.jpg").read_bytes()[:1500])
    data = open_data(root, size=(6, 4), skip_bad=accepted, tolerant=not accepted)
    (finding,) = data.findings
    assert finding.level == level
    assert finding.evidence["kinds"] == {"empty": 1, "no image": 1, "cut short": 1}
    assert finding.evidence["folders"] == {str(root / "a"): 2, str(root / "b"): 1}
    assert "3 unreadable files were left out (1 empty, 1 no image, 1 cut short), such as" in finding.summary


def test_other_words_are_damage() -> None:
    assert kind_of("a.png: unreadable or truncated image (broken data stream); replace or remove the file") == "damaged"
    assert kind_of("a.png: 900,000,000 pixels are too many to decode; the limit is 89,000,000") == "too large"
    assert kind_of("a.png: no such file; check the path") == "gone"
