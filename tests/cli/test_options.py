import pytest

from assay.cli.options import parse_size
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
