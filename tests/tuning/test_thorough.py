"""A tuning as a whole: its steps, its memory, and what it keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from remembering import Remembering

from assay.data.data import Data
from assay.errors import InputError
from assay.figure import Table
from assay.finding import Finding, Report
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.trial import Trial, in_turn, measure_on
from assay.tuning.judging import Finalists, Gain
from assay.tuning.search import Bench
from assay.tuning.searched import Searched
from assay.tuning.space import Choice, Span
from assay.tuning.thorough import SEARCHES, Plan, Round, Tuned, tune_thoroughly
from assay.tuning.thorough_findings import tell_tuned

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-4), batch_size=8, epochs=3)
DECAY = {"weight_decay": Span(1e-4, 1e-1, log=True)}
BOTH = {"learning_rate": Span(1e-4, 1e-1, log=True), **DECAY}
PLAN = Plan(DECAY, trials=4, final_seeds=2, judging_seeds=2, range_steps=30)


def run(data: Data, plan: Plan = PLAN, **options: Any) -> Tuned:
    measure_all = options.pop("measure_all", in_turn(measure_on(data)))
    return tune_thoroughly(RECIPE, data, measure_all, plan, **options)


def test_the_learning_rate_comes_first(tiny_images: Data) -> None:
    tuned = run(tiny_images)
    assert tuned.tested is not None
    assert tuned.first[0].settings == {"learning_rate": 1e-4, "weight_decay": 0.01}
    assert tuned.first[1].settings == {"learning_rate": float(f"{tuned.tested.high:.3g}"), "weight_decay": 0.01}
    assert list(tuned.rounds[0].space) == ["learning_rate", "weight_decay"]
    assert len(tuned.rounds[0].found) == 4
    assert tuned.gain is not None
    assert tuned.gain.n == 2


def test_given_bounds_are_searched_as_they_are(tiny_images: Data) -> None:
    tuned = run(tiny_images, replace(PLAN, space=BOTH, finds_rate=False))
    assert tuned.tested is None
    assert len(tuned.first) == 1
    assert tuned.rounds[0].space == BOTH


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("halving", [False, True])
def test_every_search(search: str, halving: bool, tiny_images: Data) -> None:
    plan = replace(PLAN, space=BOTH, finds_rate=False, search=search, halving=halving)
    tuned = run(tiny_images, plan)
    assert len(tuned.rounds[0].found) == 4
    findings = tell_tuned(tuned, "accuracy")
    assert [finding.id for finding in findings] == ["search_round_1", "importance", "capacity", "tuned"]


def test_fresh_seeds_are_never_those_of_the_search(tiny_images: Data) -> None:
    seeds: list[int] = []
    measure = in_turn(measure_on(tiny_images))

    def watched(pairs) -> list[Trial]:
        seeds.extend(seed for _, seed in pairs)
        return measure(pairs)

    tuned = run(tiny_images, seed=5, measure_all=watched)
    assert 5 not in seeds
    judging = 4 if tuned.gain is not None else 0
    assert not set(seeds[: len(seeds) - judging]) & set(seeds[len(seeds) - judging :])


def test_a_kill_changes_nothing(tiny_images: Data) -> None:
    trainer, stops = Remembering(), [1, 4]

    def stop(number: int, _: Searched) -> None:
        if stops and number == stops[0]:
            stops.pop(0)
            raise KeyboardInterrupt

    while stops:
        with pytest.raises(KeyboardInterrupt):
            run(tiny_images, bench=Bench(RECIPE, tiny_images, trainer=trainer, on_trial=stop))
    assert run(tiny_images, bench=Bench(RECIPE, tiny_images, trainer=trainer)) == run(tiny_images)


class TestRounds:
    def test_a_round_that_is_all_luck_is_the_last(self, tiny_images: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("assay.tuning.thorough.compare_finalists",
                            lambda recipes, *_: Finalists((0.5,) * len(recipes), 0, 2, 0.1))  # fmt: skip
        assert len(run(tiny_images, replace(PLAN, rounds=3)).rounds) == 1

    def test_else_the_next_one_is_narrower(self, tiny_images: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("assay.tuning.thorough.compare_finalists",
                            lambda recipes, *_: Finalists((0.9, *(0.5,) * (len(recipes) - 1)), 0, 2, 0.1))  # fmt: skip
        tuned = run(tiny_images, replace(PLAN, rounds=2, space=BOTH, finds_rate=False, trials=6))
        first, second = (one.space["learning_rate"] for one in tuned.rounds)
        assert isinstance(first, Span)
        assert isinstance(second, Span)
        assert second.high / second.low < first.high / first.low
        found = [one.settings for each in tuned.rounds for one in each.found]
        assert all(found.count(one) == 1 for one in found)

    def test_no_time_for_the_finals(self, tiny_images: Data) -> None:
        tuned = run(tiny_images, share_used=lambda: 1.0)
        assert tuned.rounds[0].finalists is None
        assert tuned.rounds[0].found == ()


class TestWhatIsKept:
    OWN = Searched({"learning_rate": 1e-4}, 0.5, 1.0, False)
    WINNER = Searched({"learning_rate": 1e-2}, 0.8, 0.5, False)

    def tuned(self, gain: Gain | None, winner: Searched | None = WINNER) -> Tuned:
        space = {"learning_rate": Span(1e-5, 1.0, log=True)}
        rounds = (Round(space, (self.WINNER,), (self.WINNER, self.OWN), Finalists((0.8, 0.5), 0, 3, 0.1)),)
        return Tuned(Plan(space, finds_rate=False), RECIPE, None, (self.OWN,), rounds, winner, gain)

    @staticmethod
    def gain(estimate: float, half: float) -> Gain:
        return Gain(0.5, 0.5 + estimate, estimate, estimate - half, estimate + half, 1.4 * half, 5, 100)

    def answer(self, tuned: Tuned) -> Finding:
        return tell_tuned(tuned, "accuracy")[-1]

    def test_a_gain(self) -> None:
        tuned = self.tuned(self.gain(0.2, 0.1))
        assert tuned.recipe.optimizer.learning_rate == 1e-2
        finding = self.answer(tuned)
        assert finding.summary.startswith(
            "Best of 2 settings, learning rate 0.01: accuracy 0.7000 against 0.5000 of the recipe's own settings, "
            "+0.2000 (+0.1000 to +0.3000), a gain. Measured on 5 fresh seeds, paired, and 100 validation examples that"
        )
        assert "In the search itself it was +0.3000: the best of many draws flatters itself." in finding.summary
        assert finding.evidence["kept"] == "winner"

    def test_a_better_guess(self) -> None:
        tuned = self.tuned(self.gain(0.05, 0.1))
        assert tuned.recipe.optimizer.learning_rate == 1e-2
        summary = self.answer(tuned).summary
        assert "no measurable gain. Measured on" in summary
        assert "0.1400 would mostly have been seen. The recipe's own settings give way to the better guess." in summary

    def test_no_gain(self) -> None:
        tuned = self.tuned(self.gain(-0.02, 0.1))
        assert tuned.recipe == RECIPE
        assert "The recipe's own settings stay." in self.answer(tuned).summary

    def test_a_loss(self) -> None:
        tuned = self.tuned(self.gain(-0.2, 0.1))
        assert tuned.recipe == RECIPE
        summary = self.answer(tuned).summary
        assert ", worse. Measured on" in summary
        assert summary.endswith("The recipe's own settings stay. In the search itself it was +0.3000: the best of many "
                                "draws flatters itself.")  # fmt: skip

    def test_own_settings_win(self) -> None:
        tuned = self.tuned(None, self.OWN)
        assert tuned.recipe == RECIPE
        assert "The recipe's own settings did best of 2" in self.answer(tuned).summary

    def test_nothing_finished(self) -> None:
        tuned = self.tuned(None, None)
        assert tuned.recipe == RECIPE
        assert "Nothing was trained to its end; the recipe's own settings (learning rate 0.0001) stay." in (
            self.answer(tuned).summary
        )

    def test_a_winner_at_the_edge_says_where_to_look(self) -> None:
        winner = Searched({"learning_rate": 0.9}, 0.8, 0.5, False)
        assert "learning_rate lies at the edge of what was searched: look above it too." in (
            self.answer(self.tuned(self.gain(0.2, 0.1), winner)).summary
        )


def test_findings_survive_a_trip_through_json_and_their_table_has_all_trials(tiny_images: Data) -> None:
    plan = replace(PLAN, space={**DECAY, "batch_size": Choice((4, 8))})
    tuned = run(tiny_images, plan)
    report = Report("tune", tuple(tell_tuned(tuned, "accuracy")))
    assert Report.from_dict(report.to_dict()) == report
    (search,) = [finding for finding in report.findings if finding.id == "search_round_1"]
    (table,) = [figure for figure in search.figures if isinstance(figure, Table)]
    assert len(table.rows) == len(tuned.found)
    assert [type(figure).__name__ for figure in search.figures][:2] == ["Parallel", "Slices"]


def test_a_grid_that_is_too_large_is_refused(tiny_images: Data) -> None:
    space = {f"MLP.{name}": Choice(((4,), (8,))) for name in ("hidden",)}
    plan = replace(
        PLAN, space={**BOTH, **space, "batch_size": Choice((4, 8))}, finds_rate=False, search="grid", trials=30
    )
    with pytest.raises(InputError, match="a grid over 4 hyperparameters"):
        run(tiny_images, plan)
