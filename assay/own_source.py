"""What a user's own parts are made of: their code as a digest, so that an edited one is not taken for what it was.

A part of Assay is its name and its fields; what it does is held by the version of the numerics. A part of a user's own
is also its code: that of its class, and of all that this names in modules that are the user's too, such as the network
it builds. Comments, docstrings and spaces do not count. What stands in installed packages is left out: their versions
are the environment's. What is named only at run time (`getattr`, files that are read) is not seen.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from types import CodeType, ModuleType
from typing import Any

from assay.parts import inner_parts

STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]
INSTALLED = ("site-packages", "dist-packages")
ASSAY = __name__.partition(".")[0]


def own_code(parts: Iterable[Any]) -> dict[str, str]:
    """Digest of the code of each own part among these, and of those inside them, by the name of its class."""
    found: dict[str, str] = {}
    for part in parts:
        if is_own(type(part)):
            found[type(part).__name__] = source_digest(type(part))
        found |= own_code(inner for one in fields(part) if one.init for inner in inner_parts(getattr(part, one.name)))
    return found


def is_own(thing: Any) -> bool:
    """Whether a class or function is neither Assay's nor of an installed package."""
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    if module is None or module.__name__.partition(".")[0] == ASSAY or module.__name__ in sys.builtin_module_names:
        return False
    file = getattr(module, "__file__", None) or ""
    return not file.startswith(STANDARD_LIBRARY) and not any(place in file for place in INSTALLED)


@cache
def source_digest(kind: type) -> str:
    """16 hex digits of the code of an own class and of all own code that it names, the same in whatever order."""
    written = sorted(f"{thing.__qualname__} {_text(thing)}" for thing in _reachable(kind))
    return hashlib.blake2b("\n".join(written).encode(), digest_size=8).hexdigest()


def _reachable(start: Any) -> list[Any]:
    found, waiting = [], [start]
    while waiting:
        thing = waiting.pop()
        if thing in found or not is_own(thing):
            continue
        found.append(thing)
        waiting += _named_in(thing)
    return found


def _named_in(thing: Any) -> Iterator[Any]:
    """Classes and functions that its code names, its bases among them."""
    space = vars(sys.modules[thing.__module__])
    if isinstance(thing, type):
        yield from thing.__bases__
    for name in {name for code in _codes(thing) for name in code.co_names}:
        value = space.get(name)
        if isinstance(value, ModuleType):  # `networks.Net()`: whatever of it is named
            yield from (vars(value)[other] for code in _codes(thing) for other in code.co_names if other in vars(value))
        elif inspect.isclass(value) or inspect.isfunction(value):
            yield value


def _codes(thing: Any) -> Iterator[CodeType]:
    functions = vars(thing).values() if isinstance(thing, type) else (thing,)
    waiting = [code for one in functions if (code := getattr(inspect.unwrap(_plain(one)), "__code__", None))]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _plain(member: Any) -> Any:
    """The function behind a static method, class method or property."""
    if isinstance(member, property):
        return member.fget
    return getattr(member, "__func__", member)


def _text(thing: Any) -> str:
    """Its source as a tree without docstrings; its compiled code where the source is not at hand."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        return " ".join(sorted(f"{code.co_name} {code.co_code.hex()} {_constants(code)}" for code in _codes(thing)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.dump(tree)


def _constants(code: CodeType) -> list[str]:
    return [repr(one) for one in code.co_consts if not isinstance(one, CodeType)]
