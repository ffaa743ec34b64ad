"""Stage 3: growing a model until it fits."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from assay.baselines.overfit import Fit, conclude, fit_on, overfit
from assay.data.data import Data
from assay.errors import InputError
from assay.figure import Lines
from assay.models.mlp import MLP

SIZES = tuple(MLP(hidden=(width,)) for width in (4, 16, 64))


def fit(loss: float, *, losses: tuple[float, ...] = (), steps: int = 1000, model: str = "MLP()") -> Fit:
    losses = losses or (2.0, loss, loss, loss)
    return Fit(model, 123, tuple(range(steps - len(losses) + 1, steps + 1)), losses, 0.5, 1.0)


class TestGrowing:
    def test_stops_at_the_first_size_that_fits(self) -> None:
        tried: list[MLP] = []

        def pretend(model: MLP) -> Fit:
            tried.append(model)
            return fit(0.01 if len(tried) == 2 else 1.0, model=str(model))

        report = overfit(SIZES, pretend)
        assert tried == list(SIZES[:2])
        (finding,) = report.findings
        assert finding.level == "note"
        assert "MLP(hidden=(16,)" in finding.summary
        assert len(finding.evidence) == 2

    def test_time_is_asked_before_each_further_size(self) -> None:
        tried: list[MLP] = []
        overfit(SIZES, lambda model: tried.append(model) or fit(1.0), time_is_left=lambda: len(tried) < 2)
        assert tried == list(SIZES[:2])

    def test_the_first_size_is_always_tried(self) -> None:
        assert len(overfit(SIZES, lambda model: fit(1.0), time_is_left=lambda: False).findings) == 1

    def test_a_size_that_is_stuck_says_nothing_of_larger_ones_without_time(self) -> None:
        report = overfit(SIZES, lambda model: fit(1.0), time_is_left=lambda: False)
        assert report.ok
        assert "Larger sizes had no time." in report.findings[0].summary
        assert [(skip.id, skip.reason) for skip in report.skipped] == [
            ("MLP(hidden=(16,))", "budget"),
            ("MLP(hidden=(64,))", "budget"),
        ]
        assert not overfit(SIZES, lambda model: fit(1.0)).ok


class TestVerdict:
    def test_fitted(self) -> None:
        finding = conclude([fit(0.05)])
        assert finding.level == "note"
        assert "big enough" in finding.summary

    def test_stuck_is_suspect(self) -> None:
        finding = conclude([fit(1.1)])
        assert finding.level == "suspect"
        assert "stops at loss 1.100" in finding.summary
        assert finding.cause
        assert finding.fix

    def test_still_falling_is_no_evidence(self) -> None:
        finding = conclude([fit(0.4, losses=(2.0, 1.5, 1.0, 0.4))])
        assert finding.level == "note"
        assert "still falling" in finding.summary

    @pytest.mark.parametrize("steps", [4, 299])
    def test_too_few_steps_are_no_evidence(self, steps: int) -> None:
        finding = conclude([fit(1.1, steps=steps)])
        assert finding.level == "note"
        assert f"after {steps} steps. Capacity is not shown" in finding.summary

    def test_one_look(self) -> None:
        finding = conclude([fit(1.1, losses=(1.1,), steps=1)])
        assert finding.level == "note"
        assert "after 1 step." in finding.summary

    def test_a_loss_that_is_no_number_is_suspect(self) -> None:
        assert conclude([fit(math.nan)]).level == "suspect"

    def test_curves_of_every_size(self) -> None:
        (figure,) = conclude([fit(1.0, model="small"), fit(0.01, model="large")]).figures
        assert isinstance(figure, Lines)
        assert [len(series.x) for series in figure.series] == [4, 4]
        assert figure.log_y


class TestFitting:
    def test_learns_images_by_heart(self, tiny_images: Data) -> None:
        result = fit_on(tiny_images, seconds=300.0)(MLP(hidden=(64,)))
        assert result.fitted
        assert result.value == 1.0
        assert result.parameters == 64 * 64 + 64 + 64 * 4 + 4

    def test_cannot_learn_what_the_inputs_do_not_tell(self, tiny_images: Data) -> None:
        """Equal images with all four labels: nothing is below log 4. Judged after the very last step."""
        train = replace(tiny_images.train, inputs=torch.zeros_like(tiny_images.train.inputs))
        result = fit_on(replace(tiny_images, train=train), seconds=300.0)(MLP(hidden=(8,)))
        assert not result.fitted
        assert result.steps[-1] == 1000
        assert result.loss == pytest.approx(math.log(4), abs=0.02)
        assert conclude([result]).level == "suspect"

    def test_trains_on_the_device_it_is_told(self, tiny_table: Data) -> None:
        with pytest.raises(InputError, match="device 'abacus'"):
            fit_on(tiny_table, seconds=0.0, device="abacus")(MLP(hidden=(4,)))

    def test_time_is_up(self, tiny_table: Data) -> None:
        result = fit_on(tiny_table, seconds=0.0)(MLP(hidden=(4,)))
        assert result.steps == (1,)

    def test_uses_a_sample(self, tiny_table: Data) -> None:
        """Of two examples, one batch a step; same seed, same sample."""
        first, again = (fit_on(tiny_table, examples=2, seconds=0.0, seed=3)(MLP(hidden=(4,))) for _ in range(2))
        assert first.losses == again.losses
        assert fit_on(tiny_table, examples=2, seconds=0.0, seed=4)(MLP(hidden=(4,))).losses != first.losses

    def test_leaves_no_trace(self, tiny_images: Data, random_state_untouched: None) -> None:
        before = tiny_images.fingerprint
        fit_on(tiny_images, seconds=0.0)(MLP(hidden=(4,)))
        assert tiny_images.fingerprint == before


def test_fit_survives_json() -> None:
    import json

    one = fit(0.5)
    assert Fit.from_dict(json.loads(json.dumps(one.to_dict()))) == one
