"""How a budget becomes questions, examples and steps; what is asked of which inputs; answers by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.audit.questionnaire.answer import Answer, Difference, paired_difference
from assay.audit.questionnaire.centres import centres
from assay.audit.questionnaire.plan import plan_probes
from assay.audit.questionnaire.probe import as_images, draw_probe_data, probe_recipe, shrink
from assay.audit.questionnaire.sheet import sheet, why_no_questions
from assay.audit.questionnaire.telling import tell_all, tell_answer, with_spread
from assay.figure import Forest
from assay.finding import Finding
from assay.tricks.card import card
from assay.tricks.catalog import find_trick


def names(shape: tuple[int, ...]) -> set[str]:
    return {question.name for question in sheet(shape)}


def test_plan_by_hand() -> None:
    """.8 of 300 s in 3 rounds of 11 trainings are 7.3 s each: 727 steps of 10 ms, six passes over 7758 examples."""
    plan = plan_probes(300, 0.01, questions=10, examples=50_000, batch_size=64)
    assert (plan.questions, plan.steps, plan.examples) == (10, 727, 7758)
    assert plan.epochs(64) == pytest.approx(6, abs=0.05)


def test_few_examples_are_seen_no_more_than_twelve_times() -> None:
    assert plan_probes(3000, 0.01, questions=10, examples=6400, batch_size=64).steps == 1200


def test_a_slow_machine_answers_fewer_questions() -> None:
    plan = plan_probes(300, 0.1, questions=10, examples=50_000, batch_size=64)
    assert (plan.questions, plan.steps) == (4, 160)


def test_one_question_is_always_asked() -> None:
    assert plan_probes(1, 1.0, questions=10, examples=100, batch_size=16).questions == 1


def test_grey_images_are_not_asked_about_colour() -> None:
    assert "colour" in names((3, 16, 16))
    assert "colour" not in names((1, 16, 16))


def test_patches_are_of_four_pixels_at_least() -> None:
    assert {"layout_2", "layout_4"} <= names((1, 16, 16))
    assert "layout_4" not in names((1, 15, 15))
    assert not {"detail_2", "layout_2"} & names((1, 7, 7))


def test_only_squares_are_turned() -> None:
    assert "turned" in names((1, 8, 8))
    assert "turned" not in names((1, 8, 9))


def test_signals_are_asked_about_time() -> None:
    assert {"order", "reversed", "windows_4", "windows_16"} <= names((2, 1, 64))


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 8, 8), (2, 1, 512)])
def test_every_trick_that_is_named_exists(shape: tuple[int, ...]) -> None:
    for question in sheet(shape):
        for advice in filter(None, (question.kept, question.lost, question.strange)):
            for name in (*advice.use, *advice.avoid):
                assert name in card(find_trick(name)).names


def test_tiny_images_are_refused(make_data) -> None:
    data = make_data(torch.zeros(200, 3, 2, 2), torch.arange(200) % 2)
    assert "of 4 pixels a side or more" in why_no_questions(data.specification)


def test_larger_images_are_scaled_down_in_proportion() -> None:
    assert shrink(torch.zeros(2, 3, 200, 100, dtype=torch.uint8), 64, 512).shape == (2, 3, 64, 32)
    assert shrink(torch.zeros(2, 1, 1, 2048), 64, 512).shape == (2, 1, 1, 512)


def test_vectors_are_images_of_one_row() -> None:
    assert as_images(torch.zeros(5, 32)).shape == (5, 1, 1, 32)
    assert as_images(torch.zeros(5, 2, 32)).shape == (5, 2, 1, 32)


def test_inputs_that_are_decoded_are_read_no_longer_than_their_time(make_data, lazily) -> None:
    data = make_data(torch.zeros(1000, 1, 4, 4), torch.arange(1000) % 2, sizes=(700, 200, 100))
    object.__setattr__(data.train, "inputs", lazily(data.train.inputs))
    small = draw_probe_data(data, train=600, validation=100, side=64, length=512, seed=411, seconds=0.0)
    assert (len(small.train), len(small.validation), len(small.test)) == (64, 100, 0)


def test_the_last_maps_of_the_probe_have_four_pixels(make_data) -> None:
    data = make_data(torch.zeros(200, 1, 28, 28), torch.arange(200) % 2)
    assert probe_recipe(data).model.widths == (16, 32, 64, 64)  # type: ignore[union-attr]


def difference(low: float, high: float, p: float = 1e-6) -> Difference:
    return Difference((low + high) / 2, low, high, 0.01, 3, 100, p)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (-0.01, 0.01, "kept"),
        (-0.019, -0.001, "kept"),
        (-0.1, -0.01, "lost"),
        (-0.1, 0.01, "unsure"),
        (0.01, 0.2, "kept"),
    ],
)
def test_outcomes(low: float, high: float, outcome: str) -> None:
    assert Answer(sheet((1, 8, 8))[0], 0.9, 0.9, difference(low, high)).outcome == outcome


def test_copies_that_only_training_makes_known_are_strange() -> None:
    mirrored = next(question for question in sheet((1, 8, 8)) if question.name == "mirrored")
    known = Answer(mirrored, 0.9, 0.9, difference(-0.01, 0.01), difference(-0.01, 0.01))
    strange = Answer(mirrored, 0.9, 0.9, difference(-0.01, 0.01), difference(-0.5, -0.3))
    assert (known.advice, strange.advice) == (mirrored.kept, mirrored.strange)


def test_copies_that_may_be_strange_leave_the_answer_open() -> None:
    """Between no loss and one of 20 points nothing is said of networks that never saw them."""
    mirrored = next(question for question in sheet((1, 8, 8)) if question.name == "mirrored")
    answer = Answer(mirrored, 0.9, 0.9, difference(-0.01, 0.01), difference(-0.2, 0.0))
    assert answer.advice is None
    assert tell_answer(answer, "accuracy").fix == (
        "Open: networks that never saw such copies may lose up to 20.0 points on them, or next to nothing. "
        "A larger --budget, or more examples to judge by, would say."
    )


def test_a_loss_that_chance_may_have_found_among_many_is_not_counted() -> None:
    """Of four answers the least p is multiplied by four, the next by three: .004, .06."""
    questions, chances = sheet((1, 8, 8)), [0.001, 0.02, 0.5, 0.6]
    limits = [(-0.3, -0.2), (-0.2, -0.01), (-0.1, 0.01), (-0.1, 0.01)]
    answers = [
        Answer(question, 0.9, 0.8, difference(*both, chance))
        for question, both, chance in zip(questions, limits, chances, strict=False)
    ]
    told = tell_all(answers, "accuracy", shape=(1, 8, 8), examples=100, steps=50)
    assert told.summary == (
        "1 of 4 changes of the inputs cost the probe something, most of all 1/2 of the resolution (25.0 points); "
        "perhaps, or by chance among so many: 2x2 patches shuffled; open: mirrored too, moved at random."
    )


def test_the_chance_of_a_difference_goes_with_its_interval() -> None:
    draw = np.random.default_rng(37)
    usual = [draw.random(200) for _ in range(3)]
    for shift in (0.0, 0.02, 0.2):
        found = paired_difference(usual, [one + shift + 0.1 * draw.standard_normal(200) for one in usual])
        assert (found.p < 0.05) == found.is_measurable


def test_a_difference_needs_two_seeds() -> None:
    with pytest.raises(ValueError, match="at least 2 seeds"):
        paired_difference([np.zeros(3)], [np.zeros(3)])


def test_centres_by_hand() -> None:
    """One bright pixel in row 1, column 3 of 4 x 4: its middle is at 1.5 and 3.5 of 4."""
    image = torch.zeros(1, 1, 4, 4)
    image[0, 0, 1, 3] = 100.0
    assert torch.allclose(centres(image), torch.tensor([[1.5 / 4, 3.5 / 4]]), atol=1e-4)


def test_a_sheet_is_summed_up_in_one_sentence() -> None:
    questions = sheet((1, 8, 8))
    limits = [(-0.1, -0.06), (-0.3, -0.2), (-0.01, 0.01), (-0.1, 0.01)]
    answers = [Answer(q, 0.9, 0.8, difference(*both)) for q, both in zip(questions, limits, strict=False)]
    told = tell_all(answers, "accuracy", shape=(1, 8, 8), examples=100, steps=50)
    assert told.summary == (
        "2 of 4 changes of the inputs cost the probe something, most of all 2x2 patches shuffled (25.0 points); next "
        "to nothing: mirrored too; open: moved at random."
    )
    (figure,) = told.figures
    assert isinstance(figure, Forest)
    assert [row.verdict for row in figure.rows] == ["hurts", "hurts", "no measurable effect", "no measurable effect"]


def test_the_answer_about_place_tells_the_spread_of_the_content() -> None:
    """Bright pixels in rows 1 and 5 of 8: the deviation of their places is 2 pixels."""
    images = torch.zeros(2, 1, 8, 8)
    images[0, 0, 1, 3] = images[1, 0, 5, 3] = 1e6
    told = with_spread(Finding("place", "note", "It costs."), images)
    assert told.summary == (
        "It costs. The centre of their content varies by 2.0 pixels down and 0.0 to the side (deviation, n=2)."
    )
