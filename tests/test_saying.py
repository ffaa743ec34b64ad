"""Work tells where it is, and no oftener than somebody can read."""

import pytest

from assay import saying
from assay.saying import now_and_then


def test_what_is_said_too_soon_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now, heard = [5.0], []
    monkeypatch.setattr(saying.time, "perf_counter", lambda: now[0])
    say = now_and_then(lambda doing, share: heard.append(share), seconds=0.25)
    for moment, share in ((5.0, 0.1), (5.1, 0.2), (5.25, 0.3), (5.3, 0.4)):
        now[0] = moment
        say("reads", share)
    assert heard == [0.1, 0.3]
