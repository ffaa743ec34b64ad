"""A recipe is a value: everything that decides a training but the data and the seed.

A trick is a function from recipe to recipe, so stacking is composition:

    Recipe(model=ResNet()) | Cosine(warmup_epochs=5) | LabelSmoothing(0.1) | Mixup(0.2)

Slots that only one trick may fill are set with `fill` and conflict by name; slots that any number
may share are extended with `add` and act in the order of the stack, but for what acts on the network, which has an
order of its own (`edit_order.py`).
"""

from __future__ import annotations

import hashlib
import json
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from functools import reduce
from typing import Any

from torch import Tensor

from assay.data.specification import Task
from assay.edit_order import in_order
from assay.errors import ClashError, RecipeError
from assay.losses import CrossEntropy, LossFunction, task_of
from assay.models.builder import ModelBuilder
from assay.models.mlp import MLP
from assay.optimizers import AdamW, OptimizerBuilder
from assay.own_source import own_code
from assay.parts import describe_part, how_to_write, numbers_as_floats, part_to_dict
from assay.schedule import Schedule
from assay.slots import (
    Average,
    BatchEdit,
    Calibration,
    Feedback,
    FirstWeights,
    Forward,
    GradientEdit,
    InputEdit,
    LossEdit,
    ModelEdit,
    NamedEdit,
    NetworkCheck,
    ParameterRule,
    Penalty,
    Sampler,
    TargetEdit,
    WeightEdit,
)
from assay.trick import Need, Trick, identity


@dataclass(frozen=True)
class Recipe:
    """The slots of one training.

    The first five are the baseline and are written to TOML; the rest belong to tricks, which are
    written as themselves and applied again when the recipe is read.
    """

    model: ModelBuilder = field(default_factory=MLP)
    loss: LossFunction = field(default_factory=CrossEntropy)
    optimizer: OptimizerBuilder = field(default_factory=AdamW)
    batch_size: int = 128
    epochs: float = 10.0

    tricks: tuple[Trick, ...] = ()

    input_edits: tuple[InputEdit, ...] = field(default=(), compare=False, repr=False)
    batch_edits: tuple[BatchEdit, ...] = field(default=(), compare=False, repr=False)
    target_edits: tuple[TargetEdit, ...] = field(default=(), compare=False, repr=False)
    loss_edits: tuple[LossEdit, ...] = field(default=(), compare=False, repr=False)
    model_edits: tuple[ModelEdit, ...] = field(default=(), compare=False, repr=False)
    parameter_rules: tuple[ParameterRule, ...] = field(default=(), compare=False, repr=False)
    gradient_edits: tuple[GradientEdit, ...] = field(default=(), compare=False, repr=False)
    weight_edits: tuple[WeightEdit, ...] = field(default=(), compare=False, repr=False)
    penalties: tuple[Penalty, ...] = field(default=(), compare=False, repr=False)
    first_weights: tuple[FirstWeights, ...] = field(default=(), compare=False, repr=False)
    network_checks: tuple[NetworkCheck, ...] = field(default=(), compare=False, repr=False)
    calibrations: tuple[Calibration, ...] = field(default=(), compare=False, repr=False)

    sampler: Sampler | None = field(default=None, compare=False, repr=False)
    forward: Forward | None = field(default=None, compare=False, repr=False)
    stepper: Callable[..., Tensor] | None = field(default=None, compare=False, repr=False)
    learning_rate_schedule: Schedule | None = field(default=None, compare=False, repr=False)
    learning_rate_warmup: Schedule | None = field(default=None, compare=False, repr=False)
    momentum_schedule: Schedule | None = field(default=None, compare=False, repr=False)
    weight_decay_schedule: Schedule | None = field(default=None, compare=False, repr=False)
    batch_size_schedule: Schedule | None = field(default=None, compare=False, repr=False)
    feedback: Feedback | None = field(default=None, compare=False, repr=False)
    average: Average | None = field(default=None, compare=False, repr=False)
    precision: Any = field(default=None, compare=False, repr=False)
    stopping: Any = field(default=None, compare=False, repr=False)

    filled_by: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    needs: tuple[Need, ...] = field(default=(), compare=False, repr=False)
    baseline_: Recipe | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {self.batch_size}")
        if not 0 < self.epochs < math.inf:
            raise ValueError(f"epochs must be positive and finite, got {self.epochs}")
        if isinstance(self.model, type) or not isinstance(self.model, ModelBuilder):
            raise RecipeError(how_to_write(self.model, "model"))

    def __or__(self, trick: Trick) -> Recipe:
        """Apply one trick.

        Raises:
            RecipeError: the trick is already in the stack, its slot is taken, it needs what the recipe
                lacks, or it takes away what an earlier trick needs.
        """
        if any(identity(trick) == identity(other) for other in self.tricks):
            raise RecipeError(f"{type(trick).__name__} is already in the recipe; use it once")
        changed = trick(self)
        changed.require_needs(after=trick)
        return replace(changed, tricks=(*self.tricks, trick), baseline_=self.baseline, **_named(changed, trick))

    @property
    def baseline(self) -> Recipe:
        """This recipe before its first trick."""
        return self.baseline_ or self

    @property
    def task(self) -> Task:
        """What the loss is for."""
        return task_of(self.loss)

    def change(self, **baseline_values: Any) -> Recipe:
        """Change values of the baseline (`model`, `loss`, `optimizer`, `batch_size`, `epochs`) and restack."""
        return stack(replace(self.baseline, **baseline_values), self.tricks)

    @property
    def own_optimizer(self) -> OptimizerBuilder:
        """The optimiser as it was chosen: the trick that is one, or the baseline's, before tricks set its options."""
        return next((trick for trick in self.tricks if isinstance(trick, OptimizerBuilder)), self.baseline.optimizer)

    def change_optimizer(self, **settings: Any) -> Recipe:
        """Change settings of `own_optimizer` (`learning_rate`, ...) and restack."""
        own: Any = self.own_optimizer
        changed = replace(own, **settings)
        if own is self.baseline.optimizer:
            return self.change(optimizer=changed)
        return stack(self.baseline, (changed if trick is own else trick for trick in self.tricks))

    def without(self, *kinds: type) -> Recipe:
        """The same stack without the tricks of these classes."""
        return stack(self.baseline, (trick for trick in self.tricks if not isinstance(trick, kinds)))

    def put(self, trick: Trick) -> Recipe:
        """The same stack with this trick in place of its like, or on top of all where there is none.

        Raises:
            RecipeError: as for `|`.
        """
        if all(identity(trick) != identity(other) for other in self.tricks):
            return self | trick
        return stack(self.baseline, (trick if identity(trick) == identity(other) else other for other in self.tricks))

    def has(self, kind: type) -> bool:
        """Whether a trick of this class is in the stack."""
        return any(isinstance(trick, kind) for trick in self.tricks)

    def add(self, **edits: Any) -> Recipe:
        """For tricks: append one edit to each named shared slot."""
        return replace(self, **{slot: (*getattr(self, slot), edit) for slot, edit in edits.items()})

    def fill(self, by: Trick, **slots: Any) -> Recipe:
        """For tricks: set each named exclusive slot.

        Raises:
            RecipeError: another trick holds one of them; names both.
        """
        return replace(self.claim(by, *slots), **slots)

    def claim(self, by: Trick, *what: str) -> Recipe:
        """For tricks whose edits leave room for one of a kind: `claim(self, "norm")`, and a second claim is refused.

        Raises:
            RecipeError: another trick claimed one of them; names both.
        """
        name = type(by).__name__
        for claimed in what:
            if holder := self.holder(claimed):
                rule = f"both set {claimed.replace('_', ' ')}; keep one of them"
                raise ClashError(f"{name} and {holder} {rule}", holder)
        return replace(self, filled_by=(*self.filled_by, *((claimed, name) for claimed in what)))

    def holder(self, what: str) -> str | None:
        """The name of the trick that claimed it, or filled the slot."""
        return dict(self.filled_by).get(what)

    def set_options(self, by: Trick, slot: str, **options: Any) -> Recipe:
        """For tricks: set options of the part in a slot, `set_options(self, "model", stem="D")`.

        Raises:
            RecipeError: another trick set one of them, or the part has no such option.
        """
        part, names = getattr(self, slot), {f.name for f in fields(getattr(self, slot))}
        missing = [option for option in options if option not in names]
        self.require(not missing, by, f"a {slot} with the option {', '.join(missing)}")
        name = type(by).__name__
        for option in options:
            if holder := self.holder(f"{slot}.{option}"):
                raise ClashError(f"{name} and {holder} both set the {slot}'s {option}; keep one", holder)
        filled = (*self.filled_by, *((f"{slot}.{option}", name) for option in options))
        return replace(self, filled_by=filled, **{slot: replace(part, **options)})

    def require(self, holds: bool, by: Trick, need: str) -> None:
        """For tricks: refuse a recipe that lacks what `by` needs, where no later trick can change it.

        Raises:
            RecipeError: names the trick and what it needs.
        """
        if not holds:
            parts = {"model": self.model, "loss": self.loss, "optimizer": self.optimizer}
            has = replace(self.baseline, **parts).describe()
            raise RecipeError(f"{type(by).__name__} needs {need}; this recipe has {has}; change that or take it out")

    def require_always(self, holds: Callable[[Recipe], bool], by: Trick, need: str) -> Recipe:
        """For tricks: as `require`, now and again after every later trick, on the recipe as it is then.

        Raises:
            RecipeError: names the trick and what it needs.
        """
        self.require(holds(self), by, need)
        return replace(self, needs=(*self.needs, Need(by, need, holds)))

    def require_needs(self, after: Trick) -> None:
        """Refuse what tricks before `after` need and no longer have.

        Raises:
            RecipeError: names both tricks.
        """
        for need in self.needs:
            try:
                self.require(need.holds(self), need.by, need.need)
            except RecipeError as error:
                raise RecipeError(f"{type(after).__name__} takes away what another trick needs: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the baseline's parts by class name and fields, then the tricks in order."""
        base = self.baseline
        parts = {"model": base.model, "loss": base.loss, "optimizer": base.optimizer}
        plain = {"batch_size": base.batch_size, "epochs": base.epochs}
        return {**plain, **{slot: part_to_dict(part, slot) for slot, part in parts.items()},
                "tricks": [part_to_dict(trick, "tricks") for trick in self.tricks]}  # fmt: skip

    def key(self) -> str:
        """16 hex digits; equal recipes have equal keys on every machine, whether 5 or 5.0 was written.

        Parts of a user's own are equal only where their code is, too: `assay.own_source`.
        """
        base, written = self.baseline, numbers_as_floats(self.to_dict())
        if own := own_code((base.model, base.loss, base.optimizer, *self.tricks)):
            written["own"] = own
        text = json.dumps(written, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def describe(self) -> str:
        """The recipe in one line."""
        base = self.baseline
        parts = [describe_part(base.model), describe_part(base.optimizer), describe_part(base.loss)]
        head = ", ".join([*parts, f"batch {base.batch_size}", f"{base.epochs:.4g} epochs"])
        return " | ".join([head, *(describe_part(trick) for trick in self.tricks)])


def stack(baseline: Recipe, tricks: Iterable[Trick]) -> Recipe:
    """baseline | first trick | second trick | ..."""
    return reduce(operator.or_, tricks, baseline)


def _named(recipe: Recipe, trick: Trick) -> dict[str, tuple[NamedEdit, ...]]:
    """What acts on the network, by slot and in order: each with its trick, which is `trick` where none is known."""
    slots = {slot: getattr(recipe, slot) for slot in ("model_edits", "first_weights", "network_checks", "calibrations")}
    return {slot: in_order(edit if isinstance(edit, NamedEdit) else NamedEdit(type(trick).__name__, edit)
                           for edit in edits) for slot, edits in slots.items()}  # fmt: skip
