"""Types of arguments and results, checked wherever `assay` is called.

Making checks took a quarter of the tests' time, so those of a function are made when it is first called. A function
that is defined inside another is a new one each time, at every step of a training for instance: each test checks the
first few of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from beartype import BeartypeConf, beartype

FIRST_FEW = 4
# The tower lets an int stand where a float is asked for, as every type checker does.
add_checks = beartype(conf=BeartypeConf(is_pep484_tower=True))
defined: Counter[str] = Counter()
"""How often this test has defined each function inside a function."""


def check(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its checks, which its first call makes."""
    if "<locals>" in function.__qualname__:
        place = f"{function.__module__}.{function.__qualname__}"
        defined[place] += 1
        # Arguments and results are checked apart, by two functions of one name.
        if defined[place] > 2 * FIRST_FEW:
            return function
    checked: list[Callable[..., Any]] = []

    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not checked:
            checked.append(add_checks(function))
        return checked[0](*args, **kwargs)

    return call
