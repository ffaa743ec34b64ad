"""Options that commands share: sizes, and groups that a command takes as one value."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import typer
from typer.testing import CliRunner

import assay
from assay.cli import options
from assay.cli.ablate import ablate
from assay.cli.options import parse_size
from assay.cli.tune import tune
from assay.errors import InputError


@pytest.mark.parametrize(
    ("text", "size"), [(None, None), ("32", (32, 32)), ("48x64", (48, 64)), ("48X64", (48, 64)), ("1", (1, 1))]
)
def test_sizes(text: str | None, size: tuple[int, int] | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "0", "0x5", "5x0", "5x", "4x4x4", "-4", "4.0", "a", " 4"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InputError, match=r"is not a size; write --size 32 or --size 48x64 \(height x width"):
        parse_size(text)


def test_a_group_of_options_stands_in_its_place_and_comes_as_one_value() -> None:
    came = list[tuple[str, options.Reading, int]]()

    @options.spread
    def command(source: options.Source, reading: options.Reading = options.AS_IT_LIES, seed: options.Seed = 0) -> None:
        """What it does."""
        came.append((source, reading, seed))

    app = typer.Typer()
    app.command()(command)
    told = CliRunner().invoke(app, ["--help"]).output
    places = [told.index(name) for name in ("What it does", "--target", "--size", "--impute", "--seed")]
    assert places == sorted(places)
    assert CliRunner().invoke(app, ["a.csv"]).exit_code == 0
    assert (
        CliRunner().invoke(app, ["a.csv", "--target", "y", "--size", "8x9", "--impute", "--seed", "3"]).exit_code == 0
    )
    assert came == [("a.csv", options.AS_IT_LIES, 0), ("a.csv", options.Reading("y", size="8x9", impute=True), 3)]
    assert came[1][1].for_opening() == {
        "target": "y", "group": None, "size": (8, 9), "skip_bad": False, "impute": True,
    }  # fmt: skip


def test_a_group_in_a_group_is_spread_too() -> None:
    came = list[tuple[Whole, int]]()

    @options.spread
    def command(whole: Whole, seed: options.Seed = 0) -> None:
        """What it does."""
        came.append((whole, seed))

    app = typer.Typer()
    app.command()(command)
    told = CliRunner().invoke(app, ["--help"]).output
    places = [told.index(name) for name in ("--device", "--target", "--impute", "--json", "--seed")]
    assert places == sorted(places)
    assert CliRunner().invoke(app, []).exit_code == 0
    assert CliRunner().invoke(app, ["--target", "y", "--json", "--seed", "3"]).exit_code == 0
    assert came == [(Whole(), 0), (Whole(None, options.Reading("y"), json=True), 3)]


@dataclass(frozen=True)
class Whole:
    """A group with another in its middle."""

    device: options.Device = None
    reading: options.Reading = options.AS_IT_LIES
    json: options.Json = False


def test_a_group_is_as_usual_as_the_command_has_it() -> None:
    came = list[tuple[Whole, options.Place]]()
    own = Whole("cpu", options.Reading(group="patient", impute=True))

    @options.spread
    def command(whole: Whole = own, place: options.Place = options.HERE) -> None:
        """What it does."""
        came.append((whole, place))

    app = typer.Typer()
    app.command()(command)
    assert CliRunner().invoke(app, []).exit_code == 0
    assert CliRunner().invoke(app, ["--group", "ward", "--json", "--workers", "2"]).exit_code == 0
    told = replace(own, reading=options.Reading(group="ward", impute=True), json=True)
    assert came == [(own, options.HERE), (told, options.Place(2))]


def test_what_counts_as_given() -> None:
    left_out = {"recipe": None, "strict": False, "tricks": []}
    given = {"seed": 0, "epochs": 0.0, "all_seeds": True, "design": "pairs", "at": ["2x"]}
    assert options.given_only({**left_out, **given}) == given


@pytest.mark.parametrize(("command", "function"), [(ablate, assay.ablate), (tune, assay.tune)])
def test_what_a_program_may_ask_the_command_may_ask(command: Callable[..., object], function: Callable[..., object]):
    """Both promise the same options, one for one; a program gives its own data, folder and way of saying."""
    offered = inspect.signature(command).parameters
    assert set(inspect.signature(function).parameters) - set(offered) == {"data", "folder", "announce"}
