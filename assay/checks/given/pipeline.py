"""What a check sees: the user's objects, a few sampled batches, and safe ways to use them."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.checks.given.batches import count_examples, join_batches, map_tensors, split_batch, take_examples, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.finite_weights import BrokenWeights, are_to_blame, not_finite_weights
from assay.checks.given.model_call import call_model, output_tensor
from assay.checks.given.state_trace import seed_everything, state_trace
from assay.checks.given.usable_model import copy_of_model
from assay.checks.losses.loss_kind import LossKind
from assay.finding import Finding, Skipped
from assay.randomness import derive_seed

CheckResult = list[Finding] | Skipped
TrainingStep = Callable[[nn.Module, Any, Optimizer], Any]
Made = TypeVar("Made")


@dataclass
class Trial:
    """A copy of the training that may be trained and thrown away."""

    model: nn.Module
    optimizer: Optimizer
    scheduler: Any
    pipeline: Pipeline
    own_step: bool

    def step(self, batch: Any) -> Any:
        """One step of the user's own training on this copy; then the schedule's, if it counts steps.

        Raises:
            CannotCheckError: the training reached past the copy to the user's own model.
        """
        before = self.pipeline.fingerprint()
        batch = map_tensors(torch.clone, batch)
        step = self.pipeline.training_step if self.own_step else None
        loss = (step or self.pipeline.standard_step)(self.model, batch, self.optimizer)
        if self.pipeline.fingerprint() != before:
            raise CannotCheckError(
                "the training reaches its model or optimiser through a closure or a global; "
                "training_step(model, batch, optimizer) must use only the ones it is given"
            )
        self.step_scheduler()
        return loss

    def step_scheduler(self) -> None:
        stands_still = all(float(group["lr"]) == 0.0 for group in self.optimizer.param_groups)
        if self.scheduler is not None and (self.pipeline.scheduler_interval == "step" or stands_still):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a copied optimiser looks to torch as if replaced
                self.scheduler.step()


@dataclass(frozen=True)
class Pipeline:
    """The user's training, as given to `assay.verify`, and `batches` sampled from its loader.

    order_of: the examples of an epoch as the training draws them, by their positions in a pass over `train_loader`;
        without, a pass has that order itself.
    """

    model: nn.Module
    train_loader: Iterable[Any]
    loss_fn: Callable[..., Any]
    optimizer: Optimizer
    val_loader: Iterable[Any] | None
    training_step: TrainingStep | None
    scheduler: Any
    scheduler_interval: str
    epochs: float | None
    seed: int
    batches: tuple[Any, ...]
    loss_kind: LossKind
    order_of: Callable[[int], Int[Tensor, " n"]] | None = None
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, experiment: Callable[[Pipeline], Made]) -> Made:
        """The result of an experiment that several checks look at, made a single time, with seeds of its own.

        Args:
            experiment: a module's function; what it returns is shared, so nobody may change it.
        """
        if experiment not in self._made:
            with self.traceless():
                self.seed_for(experiment.__qualname__)
                self._made[experiment] = experiment(self)
        return self._made[experiment]

    @property
    def device(self) -> torch.device:
        first = next(iter([*self.model.parameters(), *self.model.buffers()]), None)
        return torch.device("cpu") if first is None else first.device

    def examples(self, most: int) -> Any:
        """One batch of the first sampled examples, at most `most`."""
        joined = join_batches(self.batches)
        return take_examples(joined, range(min(most, count_examples(joined))))

    def inputs(self, batch: Any) -> Any:
        return map_tensors(lambda tensor: tensor.to(self.device), split_batch(batch)[0])

    def targets(self, batch: Any) -> Any:
        return map_tensors(lambda tensor: tensor.to(self.device), split_batch(batch)[1])

    def forward(self, model: nn.Module, batch: Any) -> Any:
        """What the model returns, whatever that is."""
        return call_model(model, self.inputs(batch))

    def outputs(self, model: nn.Module, batch: Any) -> Tensor:
        """The output tensor of the model.

        Raises:
            CannotCheckError: the model returns no floating-point tensor.
        """
        return output_tensor(self.forward(model, batch))

    def loss(self, model: nn.Module, batch: Any) -> Tensor:
        """The user's loss of the model on the batch, as one number."""
        return self.loss_fn(self.forward(model, batch), self.targets(batch))

    def standard_step(self, model: nn.Module, batch: Any, optimizer: Optimizer) -> Tensor:
        """What every training step does when the user gives none; returns the loss before it."""
        losses: list[Tensor] = []

        def evaluate() -> float:
            optimizer.zero_grad()
            loss = self.loss(model, batch)
            loss.backward()
            losses.append(loss.detach())
            return float(loss.detach())

        if asks_for_closure(optimizer):
            optimizer.step(evaluate)
        else:
            evaluate()
            optimizer.step()
        return losses[0]

    def trial(self, adam_learning_rate: float | None = None, *, dropout: bool = True, own_step: bool = True) -> Trial:
        """A copy of model, optimiser and schedule in training mode.

        Args:
            adam_learning_rate: replaces the user's optimiser and schedule by a fresh Adam.
            dropout: False sets every dropout module of the copy to p = 0.
            own_step: False trains by the standard step even where the user gave another.

        Raises:
            CannotCheckError: a part cannot be copied, no parameter is trainable, or weights are NaN or infinite.
        """
        if broken := self.once(broken_weights):
            names = ", ".join(weights.name for weights in broken[:3])
            raise CannotCheckError(f"no training leads out of NaN or infinity in {names}; see initialization_scale")
        memo: dict[Any, Any] = {}
        model = copy_of_model(self.model, memo)
        if not self.model.training:
            model.train()
        if not dropout:
            turn_off_dropout(model)
        if adam_learning_rate is not None:
            trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
            if not trainable:
                raise CannotCheckError("the model has no trainable parameter")
            return Trial(model, torch.optim.Adam(trainable, lr=adam_learning_rate), None, self, own_step)
        optimizer = _copied("optimizer", self.optimizer, memo)
        for name, value in vars(self.optimizer).items():  # torch copies only what checkpoints hold
            if name not in vars(optimizer) and name != "step":  # a schedule wraps `step` of its own optimiser
                setattr(optimizer, name, _copied(f"optimizer.{name}", value, memo))
        return Trial(model, optimizer, _copied("scheduler", self.scheduler, memo), self, own_step)

    def evaluation_copy(self) -> nn.Module:
        """A copy of the model in evaluation mode."""
        return copy.deepcopy(self.model).eval()

    def fingerprint(self) -> tuple[tuple[int, int], ...]:
        """Changes when anything writes to the user's own parameters or their gradients."""
        return tuple((parameter._version, id(parameter.grad)) for parameter in self.model.parameters())

    def traceless(self) -> Any:
        """A context that puts back everything the user owns; seeds inside are the check's own business."""
        owned = (self.model, self.optimizer, self.scheduler, self.loss_fn)
        return state_trace(owned, (self.training_step, self.loss_fn), (self.train_loader, self.val_loader))

    def seed_for(self, name: str) -> None:
        """Seed every global generator for the experiment `name`."""
        seed_everything(derive_seed(self.seed, "verify", name))


def broken_weights(pipeline: Pipeline) -> tuple[BrokenWeights, ...]:
    """The weights that are not finite, where they are to blame for outputs that are not; for `pipeline.once`."""
    found = not_finite_weights(pipeline.model)
    if not found:
        return ()
    batch = take_examples(pipeline.batches[0], range(min(2, count_examples(pipeline.batches[0]))))

    def answers(model: nn.Module) -> list[Tensor]:
        with torch.no_grad():
            return list(tensors_in(pipeline.forward(model, batch)))

    copies = (pipeline.evaluation_copy(), pipeline.evaluation_copy().train())
    return found if any(are_to_blame(model, answers) for model in copies) else ()


def _copied(name: str, value: Any, memo: dict[Any, Any]) -> Any:
    try:
        return copy.deepcopy(value, memo)
    except Exception as error:  # a lock, a file, a connection
        raise CannotCheckError(
            f"{name} cannot be copied, and copies are what is trained here ({type(error).__name__}: {error}); keep "
            "locks, files and connections out of it"
        ) from error


def asks_for_closure(optimizer: Optimizer) -> bool:
    """Whether `step` cannot do without a function that evaluates the loss, as that of L-BFGS, which calls it often."""
    # A schedule hides the step of its optimiser behind another, so the class is asked.
    step = getattr(type(optimizer), "step", None)
    after_self = list(inspect.signature(step).parameters.values())[1:] if step else []
    return any(
        parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        for parameter in after_self
    )


def turn_off_dropout(model: nn.Module) -> None:
    """Set p = 0 in place: whether a network can fit is asked without the noise that hinders it."""
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
        elif isinstance(module, (nn.MultiheadAttention, nn.RNNBase)):
            module.dropout = 0.0
