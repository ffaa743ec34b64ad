"""Types of arguments and results, and shapes of tensors, checked wherever `assay` is called.

jaxtyping's import hook puts `jaxtyped` on every function, which binds the arguments anew at each call so that one name
of a dimension is one number throughout. With nothing else that took a third of the tests' time, so here only functions
that speak of shapes get it, and others plain beartype; checks are made when a function is first called; and of a
function defined inside another, which is a new one each time, every test checks the first few.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, get_args, get_type_hints

import jaxtyping
from beartype import BeartypeConf, beartype

Function = Callable[..., Any]

FIRST_FEW = 4
# The tower lets an int stand where a float is asked for, as every type checker does.
check_types = beartype(conf=BeartypeConf(is_pep484_tower=True))
check_shapes = jaxtyping.jaxtyped
defined: Counter[str] = Counter()
"""How often this test has defined each function inside a function."""


def install() -> None:
    """Check all of `assay`; to be called before it is imported for the first time."""
    jaxtyping.jaxtyped = checked
    jaxtyping.install_import_hook("assay", "type_checks.check_types")


def checked(*, typechecker: Function) -> Function:
    """What stands in for `jaxtyped` above every function and class of `assay`."""

    def add(made: Any) -> Any:
        return check_shapes(made, typechecker=typechecker) if isinstance(made, type) else check_when_called(made)

    return add


def check_when_called(function: Function) -> Function:
    """The function with its checks, which its first call makes."""
    if "<locals>" in function.__qualname__:
        place = f"{function.__module__}.{function.__qualname__}"
        defined[place] += 1
        if defined[place] > FIRST_FEW:
            return function
    made: list[Function] = []

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not made:
            made.append(
                check_shapes(function, typechecker=check_types) if has_shapes(function) else check_types(function)
            )
        return made[0](*args, **kwargs)

    return call


def has_shapes(function: Function) -> bool:
    """Whether an annotation speaks of shapes; also where names stand for what only type checkers import."""
    try:
        return _any_shape(get_type_hints(function).values())
    except NameError:
        return True


def _any_shape(hints: Iterable[Any]) -> bool:
    return any(
        (isinstance(hint, type) and issubclass(hint, jaxtyping.AbstractArray))
        or _any_shape(hint if isinstance(hint, list) else get_args(hint))
        for hint in hints
    )
