"""The fold of decisions, and the corrected view they make of data that stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from assay.audit.decisions import Decision, DecisionLog, apply_decisions, fold
from assay.data.data import Data
from assay.data.statistics import normalization_of
from assay.errors import InputError
from assay.finding import Finding

TIME = "2026-01-31T12:00:00+00:00"


def say(
    id: str, action: str, label: str | float | None = None, *, by: str = "anna", was: str | float | None = None
) -> Decision:
    return Decision(id, action, by, TIME, label, was)  # type: ignore[arg-type]


def found(data: Data, name: str) -> Finding:
    return next(finding for finding in data.findings if finding.id == name)


def test_the_last_word_of_a_reviewer_counts_and_undo_takes_back_one() -> None:
    words = [say("1", "keep"), say("1", "drop"), say("1", "relabel", "cat"), say("2", "undo")]
    assert fold(words).by("anna")["1"].label == "cat"
    assert fold([*words, say("1", "undo")]).by("anna")["1"].action == "drop"
    assert fold([*words, say("1", "undo"), say("1", "undo")]).by("anna")["1"].action == "keep"
    assert fold([*words, *[say("1", "undo")] * 5]).standing == {}
    # Another reviewer's undo takes nothing from this one.
    assert fold([*words, say("1", "undo", by="ben")]).by("anna")["1"].label == "cat"


def test_reviewers_who_differ_are_in_conflict_until_they_agree() -> None:
    words = [say("1", "relabel", "cat"), say("1", "relabel", "dog", by="ben"), say("2", "keep")]
    state = fold(words)
    assert [conflict.id for conflict in state.conflicts] == ["1"]
    assert set(state.agreed) == {"2"}
    assert fold([*words, say("1", "relabel", "cat", by="ben")]).conflicts == ()
    assert fold([*words, say("1", "undo", by="ben")]).conflicts == ()
    unsure = fold([*words, say("1", "unsure", by="ben")])
    assert unsure.conflicts == ()
    assert [decision.action for decision in unsure.agreed["1"]] == ["relabel"]


def test_the_view_is_corrected_and_the_source_is_not(images: Data) -> None:
    fingerprint, targets = images.fingerprint, images.train.targets.clone()
    words = [say("train-0", "relabel", "class 3", was="class 0"), say("train-1", "drop"), say("train-2", "keep"),
             say("test-5", "drop", by="ben"), say("validation-0", "unsure", by="ben")]  # fmt: skip
    view = apply_decisions(images, words)
    assert (len(view.train), len(view.validation), len(view.test)) == (119, 40, 39)
    assert view.train.targets[0] == 3
    assert "train-1" not in view.train.ids
    assert isinstance(view.train.inputs, torch.Tensor)
    assert isinstance(images.train.inputs, torch.Tensor)
    assert torch.equal(view.train.inputs[1:], images.train.inputs[2:])
    assert torch.equal(view.train.targets[1:], targets[2:])
    assert view.fingerprint != fingerprint
    assert torch.equal(images.train.targets, targets)
    assert (len(images.train), images.findings) == (120, ())
    assert (
        type(images)(**{name: getattr(images, name) for name in images.__dataclass_fields__}).fingerprint == fingerprint
    )


def test_what_is_fixed_on_the_training_split_is_fixed_anew(images: Data) -> None:
    view = apply_decisions(images, [say(f"train-{number}", "drop") for number in range(0, 40, 4)])
    counts = torch.bincount(view.train.targets, minlength=4) / 110
    assert view.specification.class_frequencies == pytest.approx(counts.tolist())
    assert view.specification.class_frequencies[0] == pytest.approx(20 / 110)
    assert view.specification.normalization == normalization_of(view.train)


def test_no_decision_changes_nothing_but_says_so(images: Data) -> None:
    view = apply_decisions(images, [])
    assert view.fingerprint == images.fingerprint
    assert view.specification.normalization == images.specification.normalization
    assert "0 of 200 examples were relabelled and 0 dropped (by nobody)" in found(view, "decisions_applied").summary


def test_findings_say_how_many_and_by_whom(images: Data) -> None:
    words = [say("train-0", "relabel", "class 3"), say("train-1", "drop"), say("test-5", "drop", by="ben"),
             say("train-2", "keep"), say("train-1", "drop", by="ben"), say("train-3", "unsure")]  # fmt: skip
    finding = found(apply_decisions(images, words), "decisions_applied")
    assert finding.level == "note"
    assert (
        "1 of 200 examples were relabelled and 2 dropped (anna 2, ben 2); 1 were confirmed, 1 left unsure."
        in finding.summary
    )
    assert "1 of them are test examples" in finding.summary
    assert finding.evidence["reviewers"]["ben"] == {"drop": 2}
    assert finding.evidence["splits"]["test"] == {"drop": 1}
    assert Finding.from_dict(finding.to_dict()) == finding


def test_examples_that_reviewers_differ_on_stay_unless_a_referee_settles_them(images: Data) -> None:
    words = [say("train-0", "relabel", "class 1"), say("train-0", "drop", by="ben"), say("train-1", "drop", by="ben")]
    view = apply_decisions(images, words)
    assert (view.train.targets[0], len(view.train)) == (images.train.targets[0], 119)
    finding = found(view, "decisions_conflict")
    assert finding.level == "suspect"
    assert "Reviewers differ on 1 examples, which were left as they are, such as train-0" in finding.summary
    assert "anna: relabel to class 1; ben: drop" in finding.summary
    settled = apply_decisions(images, words, referee="anna")
    assert settled.train.targets[0] == 1
    assert "decisions_conflict" not in {one.id for one in settled.findings}


def test_decisions_about_another_label_than_the_data_has_are_not_applied(images: Data) -> None:
    words = [say("train-0", "relabel", "class 3", was="class 2"), say("train-1", "relabel", "class 1", was="class 2")]
    view = apply_decisions(images, words)
    # train-0 is of class 0, which nobody saw; train-1 has become what it was to be.
    assert view.train.targets[:2].tolist() == [0, 1]
    assert found(view, "decisions_outdated").summary.startswith("1 decisions are about another label")


def test_lines_set_aside_are_told_with_the_view(images: Data, tmp_path: Path) -> None:
    from assay.audit.decisions import read_decisions

    path = tmp_path / "decisions.jsonl"
    path.write_bytes(say("train-1", "drop").to_line() + b"{")
    view = apply_decisions(images, read_decisions(path))
    assert len(view.train) == 119
    assert "line 2" in found(view, "decisions_set_aside").summary


def test_regression_targets_are_relabelled_by_number(make_data: Callable[..., Data]) -> None:
    data = make_data(torch.randn(200, 3), torch.linspace(0, 1, 200))
    was = float(data.train.targets[0])
    view = apply_decisions(data, [say("train-0", "relabel", 0.1, was=was), say("train-1", "drop")])
    assert view.train.targets[0] == pytest.approx(0.1)
    assert view.specification.target_mean == pytest.approx(view.train.targets.mean().item())
    # Once the source itself says .1, in 32 bits, the decision is kept to.
    assert not [one for one in apply_decisions(view, [say("train-0", "relabel", 0.1, was=was)]).findings
                if one.id == "decisions_outdated"]  # fmt: skip
    with pytest.raises(InputError, match="label must be a number for regression, got 'cat'"):
        apply_decisions(data, [say("train-0", "relabel", "cat")])
    with pytest.raises(InputError, match=r"leave the target 0.* in every training example"):
        apply_decisions(data, [say(f"train-{number}", "drop") for number in range(1, 120)])


def test_ids_and_labels_that_are_not_there_are_refused_with_their_line(images: Data, tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "d.jsonl", (Decision("train-0000", "keep", "anna", TIME, line=7),))
    with pytest.raises(
        InputError, match=r"d.jsonl: line 7: no example of made by hand has the id 'train-0000' \(did you"
    ):
        apply_decisions(images, log)
    with pytest.raises(InputError, match=r"decision of anna: label 'class 4' is not a class \(did you mean 'class"):
        apply_decisions(images, [say("train-0", "relabel", "class 4")])
    twice = type(images)(images.name, images.specification, images.train, images.train, images.test)
    with pytest.raises(InputError, match="id 'train-0' is that of 2 examples of made by hand; give each its own id"):
        apply_decisions(twice, [say("train-0", "keep")])


def test_a_class_or_split_that_would_be_empty_is_refused(images: Data) -> None:
    with pytest.raises(InputError, match="leave no training example of class 'class 0'"):
        apply_decisions(images, [say(f"train-{number}", "drop") for number in range(0, 120, 4)])
    with pytest.raises(InputError, match="the decisions drop all 40 test examples"):
        apply_decisions(images, [say(f"test-{number}", "drop") for number in range(40)])
