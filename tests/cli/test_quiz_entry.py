"""What is typed at a question: digits, names and their beginnings, commands, and what may mean several."""

from __future__ import annotations

import pytest

from assay.cli.entry import Entry, have_keys, legend, understand
from assay.errors import InputError

CLOTHES = ("T-shirt", "Trouser", "Coat", "Bag")
DIGITS = tuple("0123456789")


@pytest.mark.parametrize(
    ("text", "classes", "entry"),
    [
        ("1", CLOTHES, Entry("answer", "Trouser")),
        ("tr", CLOTHES, Entry("answer", "Trouser")),
        (" bag ", CLOTHES, Entry("answer", "Bag")),
        ("U", CLOTHES, Entry("unsure")),
        ("z", CLOTHES, Entry("undo")),
        (":q", CLOTHES, Entry("quit")),
        ("7", DIGITS, Entry("answer", "7")),
        # A number is the name of a class where there are such, not its place.
        ("1", ("3", "1", "2"), Entry("answer", "1")),
        # A class called as a command is the class.
        ("u", ("u", "v"), Entry("answer", "u")),
        ("U", ("u", "v"), Entry("answer", "u")),
        (":u", ("u", "v"), Entry("unsure")),
        ("car", ("car", "cart"), Entry("answer", "car")),
    ],
)
def test_what_is_meant(text: str, classes: tuple[str, ...], entry: Entry) -> None:
    assert understand(text, classes) == entry


@pytest.mark.parametrize(
    ("text", "classes", "message"),
    [
        ("t", CLOTHES, "'t' may be T-shirt, Trouser; type more of it"),
        ("4", CLOTHES, "'4' is no answer; type 0 to 3, U, Z or Q"),
        ("Coot", CLOTHES, r"'Coot' is no answer \(did you mean 'Coat'\?\); type 0 to 3"),
        ("", CLOTHES, "'' is no answer; type 0 to 3"),
        ("4", ("10", "20"), "'4' is no answer; type the beginning of a class"),
    ],
)
def test_what_means_none_or_several_is_told(text: str, classes: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        understand(text, classes)


def test_a_slip_on_a_key_answers_nothing() -> None:
    with pytest.raises(InputError, match="'b' is no answer"):
        understand("b", CLOTHES, by_key=True)
    assert understand("3", CLOTHES, by_key=True) == Entry("answer", "Bag")


def test_one_key_a_class_where_that_is_clear() -> None:
    assert have_keys(CLOTHES)
    assert have_keys(DIGITS)
    assert have_keys(("a", "b"))
    assert not have_keys(("u", "v"))
    assert not have_keys(("10", "11"))
    assert not have_keys(tuple(f"class {number}" for number in range(11)))


def test_the_keys_are_told() -> None:
    assert legend(CLOTHES).startswith("0 T-shirt   1 Trouser   2 Coat   3 Bag\nU unsure")
    assert legend(DIGITS).startswith("0   1   2")
    many = tuple(f"class {number}" for number in range(10_000))
    assert legend(many).startswith("Type the beginning of one of 10000 classes: class 0, ...")
