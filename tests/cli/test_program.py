"""The program as a whole: help, and the catalogue of tricks."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from cli_support import Assay

from assay import __version__
from assay.cli.cards import print_cards
from assay.cli.tricks import choose
from assay.presets.catalog import PRESETS
from assay.tricks.card import Card, card
from assay.tricks.catalog import TRICKS, find_trick

COMMANDS = (
    *("run", "inspect", "verify", "baselines", "overfit", "ablate", "tune", "squeeze"),
    *(
        "advise",
        "clean",
        "questions",
        "runs",
        "train",
        "predict",
        "agreement",
        "human",
        "ui",
        "worker",
        "tricks",
        "presets",
    ),
)


def test_help_lists_the_commands_in_the_order_of_the_recipe(assay: Assay) -> None:
    told = assay("--help")
    assert told.code == 0
    assert tuple(re.findall(r"^│ ([a-z]+) ", told.out, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(assay: Assay, command: str) -> None:
    told = assay(command, "--help")
    assert told.code == 0
    assert "Usage" in told.out


def test_without_a_command_help_is_shown(assay: Assay) -> None:
    told = assay()
    assert (told.code, told.err) == (0, "")
    assert "Usage" in told.out


def test_version(assay: Assay) -> None:
    told = assay("--version")
    assert (told.code, told.out, told.err) == (0, f"assay {__version__}\n", "")


def test_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "assay", "--version"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"assay {__version__}\n", "")


def test_tricks(assay: Assay) -> None:
    told = assay("tricks")
    assert told.code == 0
    assert all(name in told.out for name in ("label-smoothing", "mixup", "ema"))
    assert len(json.loads(assay("tricks", "--json").out)) == len(TRICKS)


@pytest.mark.parametrize("columns", ["30", "80"])
def test_a_piped_table_is_as_wide_as_it_needs(assay: Assay, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = assay("tricks")
    assert all(any(f" {card(kind).name} " in line for line in told.out.splitlines()) for kind in TRICKS)
    assert "…" not in told.out
    row = next(line for line in told.out.splitlines() if " label-smoothing " in line)
    assert card(find_trick("label-smoothing")).hurts in row
    told = assay("presets")
    assert all(f" {preset.name} " in told.out for preset in PRESETS)
    assert "…" not in told.out
    assert len({len(line) for line in told.out.splitlines()}) == 1


@pytest.mark.parametrize("columns", [30, 80, 120])
def test_names_stay_whole_in_a_narrow_terminal(
    assay: Assay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_cards([card(kind) for kind in TRICKS])
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert all(f" {card(kind).name} " in out for kind in TRICKS)
    assert all(f" {card(kind).slot} " in out for kind in TRICKS)
    assert max(map(len, out.splitlines())) <= max(columns, 100)


def test_tricks_are_chosen_by_slot_and_words(assay: Assay) -> None:
    def names(*arguments: str) -> set[str]:
        return {card["name"] for card in json.loads(assay("tricks", *arguments, "--json").out)}

    assert {"flooding", "focal"} <= names("--slot", "loss")
    assert names("--slot", "loss") < names()
    assert "warmup" in names("MobileNet", "cosine") | names("Goyal", "batch")
    assert names("no card says this") == set()
    told = assay("tricks", "--slot", "lose")
    assert told.code == 2
    assert told.err.startswith("assay: --slot 'lose': there is no such slot; did you mean loss? choose from ")


@pytest.fixture(scope="module")
def cards() -> list[Card]:
    return [card(kind) for kind in TRICKS]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("kaiming", "he-init"), ("lsuv", "layer-sequential-init"), ("ohem", "hard-example-mining"), ("nag", "nesterov"),
        ("agc", "adaptive-gradient-clip"), ("centralization", "gradient-centralisation"), ("multistep", "step-decay"),
        ("warm restarts", "sgdr"), ("cyclical", "triangular"), ("exp_range", "exp-range"), ("onecycle", "one-cycle"),
        ("1cycle", "one-cycle"), ("maxnorm", "max-norm"), ("spatial dropout", "dropout2d"),
        ("gcn", "global-contrast-norm"),
        ("droppath", "stochastic-depth"), ("bfloat16", "mixed-precision"), ("groupnorm", "group-norm"),
        ("syncbn", "sync-batch-norm"), ("weight standardization", "weight-standardisation"),
        ("lcn", "local-contrast-norm"), ("bce", "binary-cross-entropy"), ("spp", "spatial-pyramid-pooling"),
        ("SequentialLR", "chain"), ("wsd", "chain"), ("ChainedScheduler", "product"), ("warm restarts", "restart"),
    ],
)  # fmt: skip
def test_practitioners_words_find_the_trick(cards: list[Card], words: str, name: str) -> None:
    assert name in {card.name for card in choose(cards, None, [words])}


@pytest.mark.parametrize("words", [["weight standardization"], ["kaiming", "relu"]], ids=" + ".join)
def test_the_command_searches_as_these_tests_do(assay: Assay, cards: list[Card], words: list[str]) -> None:
    found = [one["name"] for one in json.loads(assay("tricks", *words, "--json").out)]
    assert found
    assert found == [one.name for one in choose(cards, None, words)]


def test_a_card_gives_the_other_names(assay: Assay) -> None:
    assert "\nAlso: Kaiming initialisation, MSRA initialisation\n" in assay("tricks", "show", "he-init").out
    assert json.loads(assay("tricks", "show", "lsuv", "--json").out)["name"] == "layer-sequential-init"
    assert json.loads(assay("tricks", "show", "he-init", "--json").out)["also"].startswith("Kaiming initialisation, ")


def test_one_card(assay: Assay) -> None:
    told = assay("tricks", "show", "label-smoothing")
    assert told.code == 0
    assert all(part in told.out for part in ("Label smoothing: ", "smoothing / num_classes", "\nSource: Szegedy",
                                             "\nMeasured: ImageNet", "\nHurts: "))  # fmt: skip
    assert "\nEnds: first 1" in assay("tricks", "show", "step-decay").out
    assert assay("tricks", "show", "LabelSmoothing").out == told.out
    assert json.loads(assay("tricks", "show", "mixup", "--json").out)["name"] == "mixup"


def test_a_card_says_how_one_writes_the_trick(assay: Assay) -> None:
    meaning = "0.2 for ImageNet, up to 1 for CIFAR; larger blends more"
    assert f"\nWrite: Mixup(alpha=0.2)\n  alpha=0.2  {meaning}\n" in assay("tricks", "show", "mixup").out
    assert "\nWrite: ZeroGamma()\n\nAlso: zero-init residual\nSource" in assay("tricks", "show", "zero-gamma").out
    shown = json.loads(assay("tricks", "show", "mixup", "--json").out)
    assert shown["expression"] == "Mixup(alpha=0.2)"
    assert shown["arguments"] == [{"name": "alpha", "default": "0.2", "meaning": meaning}]
    (listed,) = [card for card in json.loads(assay("tricks", "--json").out) if card["name"] == "mixup"]
    assert listed["arguments"] == shown["arguments"]


def test_cards_say_what_a_default_of_none_does(assay: Assay) -> None:
    told = " ".join(assay("tricks", "show", "one-cycle").out.split())
    assert "by default (`momentum=None`) it stays the optimiser's own" in told
    told = " ".join(assay("tricks", "show", "focal-binary").out.split())
    assert "By default (`alpha=None`) both sides count once" in told


def test_no_such_trick(assay: Assay) -> None:
    told = assay("tricks", "show", "mixip")
    assert (told.code, told.err) == (2, "assay: there is no trick called 'mixip'; did you mean mixup?\n")
    told = assay("tricks", "show")
    assert (told.code, told.err) == (2, "assay: tricks show takes one name, got 0; write `assay tricks show mixup`\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("tricks", "shwo", "mixup"), 1, "no card holds 'shwo' and 'mixup'; did you mean `assay tricks show mixup`?"),
        (("tricks", "mixpu"), 1, "no card holds 'mixpu'; did you mean mixup?"),
        (("tricks", "kaimign"), 1, "no card holds 'kaimign'; did you mean Kaiming?"),
        (("tricks", "gioo"), 1, "no card holds 'gioo'; did you mean GIoU?"),
        (("tricks", "no card says this"), 1, "no card holds 'no card says this'; leave a word out, or try another"),
        (("tricks", "mixup", "--slot", "norm"), 1, "no card of the slot norm holds 'mixup'; leave --slot out, or"),
        (("tricks", "--slot", "los"), 2, "--slot 'los': there is no such slot; did you mean loss? choose from "),
        (("presets", "nope"), 2, "presets nope: write `assay presets`, or `assay presets show bag-of-tricks`"),
        (("presets", "book-baseline"), 2, "presets book-baseline: did you mean `assay presets show book-baseline`?"),
        (("presets", "shwo", "bag-of-trick"), 2, "presets shwo bag-of-trick: did you mean `assay presets show bag-of-"),
        (("presets", "show", "airbench"), 2, "there is no preset called 'airbench'; did you mean airbench9"),
        (("train", "digits", "--preset", "wgann"), 2, "there is no preset called 'wgann'; did you mean wgan?"),
        (("train", "digits", "--trick", "Mixpu"), 2, "there is no trick called 'Mixpu'; did you mean mixup?"),
        (("train", "digits", "--without", "Mixpu"), 2, "there is no trick called 'Mixpu'; did you mean mixup?"),
    ],
)  # fmt: skip
def test_names_that_are_nearly_right(assay: Assay, arguments: tuple[str, ...], code: int, message: str) -> None:
    told = assay(*arguments)
    assert (told.code, told.out, len(told.lines)) == (code, "", 1), told
    assert told.err.startswith(f"assay: {message}")


def test_a_search_in_json_that_finds_nothing_is_an_empty_list(assay: Assay) -> None:
    told = assay("tricks", "no card says this", "--json")
    assert (told.code, json.loads(told.out), len(told.lines)) == (1, [], 1)


def test_presets(assay: Assay) -> None:
    told = assay("presets")
    assert told.code == 0
    assert "karpathy-baseline" in told.out
    names = {preset["name"] for preset in json.loads(assay("presets", "--json").out)}
    assert {"karpathy-baseline", "book-baseline"} <= names
    told = assay("presets", "show", "book-baseline")
    assert all(part in told.out for part in ("Published: ", "Source: Goodfellow", "\n  - ", 'kind = "LinearDecay"'))
    told = assay("presets", "show", "book-base")
    assert (told.code, told.err) == (2, "assay: there is no preset called 'book-base'; did you mean book-baseline?\n")
