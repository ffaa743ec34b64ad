from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from assay.data.data import Data
from assay.evaluation import Evaluation, score
from assay.figure import Images, Lines, Matrix, Table
from assay.finishing.examine import caption, confusion, first_filters, prediction_dynamics, worst_errors
from assay.training.history import History

Judge = Callable[..., Evaluation]


def sure(answer: int, share: float) -> list[float]:
    return [share if place == answer else (1 - share) / 3 for place in range(4)]


class TestWorstErrors:
    def test_confident_mistakes_come_first(self, tiny_images: Data, judged: Judge) -> None:
        """Examples 1 and 2 are wrong, 2 more confidently so; labels are 0, 1, 2, 3."""
        rows = [sure(0, 0.9), sure(0, 0.6), sure(0, 0.97), sure(3, 0.5)]
        split = tiny_images.test.select(torch.arange(4))
        finding = worst_errors(judged(rows, [0, 1, 2, 3]), split, tiny_images.specification)
        assert finding.evidence["ids"] == [split.ids[2], split.ids[1]]
        assert finding.summary == "2 of 4 test examples are answered wrongly; the most confident mistakes come first."
        (figure,) = finding.figures
        assert isinstance(figure, Images)
        assert figure.captions == (
            "said north-west (97%), labelled south-west",
            "said north-west (60%), labelled north-east",
        )
        picture = Image.open(io.BytesIO(base64.b64decode(figure.pngs[0])))
        assert np.array_equal(np.asarray(picture), split.inputs[2][0].numpy())  # type: ignore[index]

    def test_no_mistake_has_no_figure_and_asks_for_nothing(self, tiny_images: Data, judged: Judge) -> None:
        split = tiny_images.test.select(torch.arange(2))
        finding = worst_errors(judged([sure(0, 0.9), sure(1, 0.9)], [0, 1]), split, tiny_images.specification)
        assert finding.summary == "All 2 test examples are answered rightly."
        assert (finding.fix, finding.figures) == ("", ())

    def test_a_single_mistake(self, tiny_images: Data, judged: Judge) -> None:
        split = tiny_images.test.select(torch.arange(1))
        finding = worst_errors(judged([sure(1, 0.9)], [0]), split, tiny_images.specification)
        assert finding.summary.startswith("1 of 1 test examples is answered wrongly")

    def test_regression_tells_both_values_in_a_table(self, tiny_table: Data) -> None:
        answers = tiny_table.test.targets.clone().unsqueeze(1)
        answers[3] += 10.0
        evaluation = score(answers, tiny_table.test.targets, tiny_table.specification)
        finding = worst_errors(evaluation, tiny_table.test, tiny_table.specification)
        (figure,) = finding.figures
        assert isinstance(figure, Table)
        assert figure.rows[0][0] == tiny_table.test.ids[3]
        assert figure.rows[0][1] == caption(evaluation, tiny_table.specification, 3)
        assert finding.summary == "The 12 largest errors of 12 test examples."

    def test_no_more_than_two_dozen(self, tiny_images: Data, judged: Judge) -> None:
        split = tiny_images.train.select(torch.zeros(30, dtype=torch.int64))
        finding = worst_errors(judged([sure(1, 0.9)] * 30, [0] * 30), split, tiny_images.specification)
        assert len(finding.figures[0].pngs) == 24  # type: ignore[union-attr]


class TestConfusion:
    def test_counts_by_hand(self, tiny_images: Data, judged: Judge) -> None:
        rows = [sure(0, 0.9), sure(1, 0.9), sure(1, 0.9), sure(2, 0.9)]
        finding = confusion(judged(rows, [0, 0, 0, 2]), tiny_images.specification)
        (figure,) = finding.figures
        assert isinstance(figure, Matrix)
        assert figure.values == ((1.0, 2.0, 0.0, 0.0), (0.0,) * 4, (0.0, 0.0, 1.0, 0.0), (0.0,) * 4)
        assert finding.summary == "Most frequent confusions: north-west as north-east: 2."

    def test_none(self, tiny_images: Data, judged: Judge) -> None:
        finding = confusion(judged([sure(1, 0.9)], [1]), tiny_images.specification)
        assert finding.summary == "No class is taken for another."

    def test_many_classes_get_no_matrix(self, tiny_images: Data) -> None:
        from dataclasses import replace

        specification = replace(tiny_images.specification, classes=tuple(map(str, range(31))))
        evaluation = score(torch.eye(31)[[4, 5]], torch.tensor([3, 5]), specification)
        finding = confusion(evaluation, specification)
        assert finding.figures == ()
        assert "3 as 4: 1" in finding.summary


class TestFirstFilters:
    def test_a_network_without_convolution_has_none(self) -> None:
        assert first_filters(nn.Linear(3, 2)) is None

    def test_pictures_and_dead_filters(self) -> None:
        convolution = nn.Conv2d(3, 8, 3)
        with torch.no_grad():
            convolution.weight[2] = 0.5
        finding = first_filters(nn.Sequential(convolution, nn.Conv2d(8, 4, 5)))
        assert finding is not None
        assert finding.evidence == {"filters": 8, "flat": 1}
        assert len(finding.figures[0].pngs) == 8  # type: ignore[union-attr]
        assert "8 first-layer filters of (3, 3); 1 of them" in finding.summary

    @pytest.mark.parametrize("channels", [1, 2, 4, 5])
    def test_any_number_of_channels(self, channels: int) -> None:
        finding = first_filters(nn.Conv2d(channels, 40, 3))
        assert finding is not None
        assert len(finding.figures[0].pngs) == 32  # type: ignore[union-attr]


class TestPredictionDynamics:
    def test_probability_of_the_label_by_hand(self, tiny_images: Data) -> None:
        """Two looks at two examples of labels 0 and 1: .5 -> .7 and .5 -> .1 move by .3 on average."""
        looks = [[sure(0, 0.5), sure(1, 0.5)], [sure(0, 0.7), sure(1, 0.1)]]
        history = History(looks=[10, 20], dynamics=looks)
        finding = prediction_dynamics(history, torch.tensor([0, 1, 2]), tiny_images.specification)
        assert finding is not None
        assert finding.evidence == {"mean_move": 0.3, "looks": 2}
        (figure,) = finding.figures
        assert isinstance(figure, Lines)
        assert [series.name for series in figure.series] == ["0: north-west", "1: north-east"]
        assert figure.series[0].y == pytest.approx((0.5, 0.7))
        assert figure.series[0].x == (10.0, 20.0)

    def test_regression_shows_errors(self, tiny_table: Data) -> None:
        history = History(looks=[1, 2], dynamics=[[[1.0]], [[3.0]]])
        finding = prediction_dynamics(history, torch.tensor([2.0]), tiny_table.specification)
        assert finding is not None
        assert finding.figures[0].series[0].y == (-1.0, 1.0)  # type: ignore[union-attr]

    def test_one_look_is_no_movement(self, tiny_images: Data) -> None:
        history = History(looks=[1], dynamics=[[sure(0, 0.5)]])
        assert prediction_dynamics(history, torch.tensor([0]), tiny_images.specification) is None
