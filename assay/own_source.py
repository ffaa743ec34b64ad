"""What a user's own parts are made of: their code as a digest, so that an edited one is not taken for what it was.

A part of Assay is its name and its fields; what it does is held by the version of the numerics. A part of a user's own
is also its code: that of its class, and of all classes, functions and classes of objects that this names in modules
that are the user's too, such as the network it builds, with the plain constants, tuples, lists and dictionaries there.
Comments, docstrings and spaces do not count. What stands in installed packages is left out: their versions are the
environment's. What is found only at run time (`getattr`, files that are read, relative imports inside functions) and
what a ready object was made with are not seen.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from types import CodeType, ModuleType
from typing import Any

from assay.parts import inner_parts

STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]
INSTALLED = ("site-packages", "dist-packages")
ASSAY = __name__.partition(".")[0]
PLAIN = (int, float, complex, str, bytes, bool, type(None))


def own_code(parts: Iterable[Any]) -> list[str]:
    """16 hex digits of the code of each own part among these and of those inside them, in order."""
    found: list[str] = []
    for part in parts:
        if is_own(type(part)):
            found.append(source_digest(type(part)))
        found += own_code(inner for one in fields(part) if one.init for inner in inner_parts(getattr(part, one.name)))
    return found


def is_own(thing: Any) -> bool:
    """Whether a class, function or module is neither Assay's nor of an installed package."""
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", None)
    module = sys.modules.get(name or "")
    if module is None or module.__name__.partition(".")[0] == ASSAY or module.__name__ in sys.builtin_module_names:
        return False
    file = getattr(module, "__file__", None) or ""
    return not file.startswith(STANDARD_LIBRARY) and not any(place in file for place in INSTALLED)


def source_digest(kind: type) -> str:
    """16 hex digits of the code of an own class and of all own code that it names, the same in whatever order."""
    texts: dict[int, str] = {}
    constants: set[str] = set()
    waiting: list[Any] = [kind]
    while waiting:
        thing = waiting.pop()
        if id(thing) in texts:
            continue
        text, names = _read(thing)
        texts[id(thing)] = f"{thing.__qualname__} {text}"
        if isinstance(thing, type):
            waiting += [base for base in thing.__bases__ if is_own(base)]
        for name, value in _values_of(names, vars(sys.modules[thing.__module__]), set()):
            if _is_plain(value):
                constants.add(f"{name} = {_written(value)}")
            elif is_own(code := _code_behind(value)):
                waiting.append(code)
    written = "\n".join([*sorted(texts.values()), *sorted(constants)])
    return hashlib.blake2b(written.encode(), digest_size=8).hexdigest()


def _read(thing: Any) -> tuple[str, set[str]]:
    """The code of a class or function without docstrings, and the names in it; as compiled where there is no source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        codes = list(_codes(thing))
        return " ".join(sorted(map(_compiled, codes))), {name for code in codes for name in code.co_names}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.dump(tree), set(_names_in(tree))


def _names_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")


def _values_of(names: set[str], space: Mapping[str, Any], seen: set[int]) -> Iterator[tuple[str, Any]]:
    """What these names stand for in a module, and in the user's own modules that are among them."""
    for name in sorted(names & space.keys()):
        value = space[name]
        if not isinstance(value, ModuleType):
            yield name, value
        elif is_own(value) and id(value) not in seen:
            yield from _values_of(names, vars(value), seen | {id(value)})


def _code_behind(value: Any) -> Any:
    """The class or function: of a wrapped one what is inside, of an object its class."""
    if isinstance(value, functools.partial):
        return _code_behind(value.func)
    value = inspect.unwrap(value) if callable(value) else value
    return value if inspect.isclass(value) or inspect.isfunction(value) else type(value)


def _is_plain(value: Any) -> bool:
    """Whether a value is written down by what it is, and all in it."""
    if isinstance(value, Mapping):
        return all(map(_is_plain, (*value.keys(), *value.values())))
    return all(map(_is_plain, value)) if isinstance(value, tuple | list | set | frozenset) else isinstance(value, PLAIN)


def _written(value: Any) -> str:
    """The same in every process: a set has no order of its own."""
    return f"set {sorted(map(repr, value))}" if isinstance(value, set | frozenset) else repr(value)


def _codes(thing: Any) -> Iterator[CodeType]:
    """Of a function, or of what a class has of them, and of those inside."""
    members = vars(thing).values() if isinstance(thing, type) else (thing,)
    waiting = [code for one in members if (code := getattr(_function_of(one), "__code__", None))]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _function_of(member: Any) -> Any:
    """The function behind a property, static method, class method or wrapper."""
    for name in ("fget", "func", "__func__"):
        member = getattr(member, name, member)
    return inspect.unwrap(member) if callable(member) else member


def _compiled(code: CodeType) -> str:
    constants = [_written(one) for one in code.co_consts if not isinstance(one, CodeType)]
    return f"{code.co_name} {code.co_code.hex()} {code.co_names} {constants}"
