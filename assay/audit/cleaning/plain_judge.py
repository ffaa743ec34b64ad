"""A member that is no network: any classifier with `fit` and `predict_proba`, on rows of numbers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from assay.audit.cleaning.fold import Fold, Judgement
from assay.audit.labels.out_of_fold import answer_of
from assay.errors import InputError
from assay.saying import Say


@dataclass(frozen=True, eq=False)
class PlainJudge:
    """One member.

    factory: makes a new model for each fold. inputs: a row an example.
    """

    name: str
    factory: Callable[[], Any]
    inputs: np.ndarray
    labels: Int[np.ndarray, " n"]
    classes: int

    @property
    def members(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def describe(self) -> str | None:
        """All that its answers depend on besides the data; None where the model does not tell."""
        try:
            with naming_its_errors(self.name):
                made = self.factory()
            model = describe_model(made)
        except RecursionError:  # settings that hold themselves
            return None
        return None if model is None else f"{self.name} {self.inputs.shape[1:]} {model}"

    def judge(self, fold: Fold, say: Say) -> Judgement:
        """Train on the rest, answer for the held.

        Raises:
            InputError: the model fails, or what it answers is not probabilities.
        """
        started = time.perf_counter()
        say(self.name, 0.0)
        with naming_its_errors(self.name):
            model = self.factory()
            model.fit(self.inputs[fold.rest], self.labels[fold.rest])
            answer = answer_of(self.name, model, self.inputs[fold.held], self.labels[fold.rest], self.classes)
        return Judgement({self.name: answer}, seconds=time.perf_counter() - started)


@contextmanager
def naming_its_errors(member: str) -> Iterator[None]:
    """Whatever a member raises, in one line with its name; it may be the user's own code.

    Raises:
        InputError: says what was raised.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
        raise InputError(f"member {member!r} failed ({said:.300}); mend it, or leave it out") from error


def describe_model(model: Any) -> str | None:
    """Its class and settings as text, the same whenever they are; None where they cannot all be told.

    Settings are those of `get_params`, else the model's own text, else, where that only says where in memory it lies,
    its attributes.
    """
    name = f"{type(model).__module__}.{type(model).__qualname__}"
    if isinstance(model, type):
        return f"{model.__module__}.{model.__qualname__}"
    if hasattr(model, "get_params"):
        return _joined(name, model.get_params(deep=False))
    if isinstance(model, Mapping):
        return _joined(name, model)
    if isinstance(model, (list, tuple)):
        return _joined(name, dict(enumerate(model)))
    if isinstance(model, np.ndarray) and model.dtype != object:
        return f"{name} {model.dtype} {model.shape} {hashlib.blake2b(model.tobytes(), digest_size=8).hexdigest()}"
    text = repr(model)
    if " at 0x" not in text:
        return f"{name} {text}"
    return _joined(name, vars(model)) if hasattr(model, "__dict__") and not callable(model) else None


def _joined(name: str, parts: Mapping[Any, Any]) -> str | None:
    told = {key: describe_model(value) for key, value in parts.items()}
    if None in told.values():
        return None
    return f"{name}({', '.join(f'{key!r}: {text}' for key, text in told.items())})"
