"""Nonlinearity: several stacked layers without an activation between them are one linear layer.

    affine: f(a x + (1 - a) y) = a f(x) + (1 - a) f(y) for all inputs x, y and a within and far beyond [0, 1]
    stacked: f(2A, 2B) - f(2A, B) - f(A, 2B) + f(A, B) != 0 for the weights A, B of two layers

Both exact, in double precision and evaluation mode, also with jittered weights, so that branches that start at zero
count. One linear layer, sums of them, and layers around a narrow one (a low rank, as in PCA) are healthy. Words are
followed from their embeddings on; softmax and sigmoid at the end are undone first.

Source: Goodfellow et al. 2016, section 6.1 (a linear function of a linear function is linear).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import map_tensors, replace_inputs, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.double_precision import in_double
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Goodfellow et al. 2016, section 6.1"
EXAMPLES, SHARES = 4, (0.3, 7.0, -20.0)
TOLERANCE = 1e-7  # relative, in double precision; a bend leaves far more
JITTERS = 2
WEIGHTED = (nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd)


def check(pipeline: Pipeline) -> CheckResult:
    """Ask whether the network is an affine function, and if so, of how many layers."""
    names = [name or "model" for name, module in pipeline.model.named_modules() if isinstance(module, WEIGHTED)]
    if not names:
        raise CannotCheckError("the model has no linear or convolutional layer")
    batch, model = pipeline.examples(EXAMPLES), _double_copy(pipeline)
    try:
        bends = _bends(pipeline, model, batch)
    except RuntimeError as error:
        raise CannotCheckError(f"the network cannot work in double precision: {error}") from error
    evidence: dict[str, Any] = {"layers": names, "deviation": min(bends[-1], 1e300), "copies": len(bends)}
    if bends[-1] > TOLERANCE:
        text = "The network is no affine function of its inputs: activations lie between its layers."
        return [Finding("nonlinearity", "note", text, evidence, source=SOURCE)]
    with torch.no_grad():
        stacked = _stacked_without_need(pipeline, model, batch)
    if not stacked:
        text = f"The network is an affine function, with {len(names)} layer(s) and none superfluous."
        return [Finding("nonlinearity", "note", text, evidence, source=SOURCE)]
    return [_alert(stacked, evidence)]


@torch.no_grad()
def _bends(pipeline: Pipeline, model: nn.Module, batch: Any) -> list[float]:
    """How far the network and its moved copies are from affine, up to the first that clearly bends."""
    bends: list[float] = []
    for network in _jittered(pipeline, model):
        bends.append(_bend(pipeline, network, batch))
        if bends[-1] > TOLERANCE:
            break
    return bends


def _double_copy(pipeline: Pipeline) -> nn.Module:
    return pipeline.evaluation_copy().double()


def _jittered(pipeline: Pipeline, model: nn.Module) -> Iterator[nn.Module]:
    """The network itself, then copies whose parameters have all been moved a little."""
    yield model
    generator = generator_for(pipeline.seed, "nonlinearity")
    kept = [parameter.detach().clone() for parameter in model.parameters()]
    for _ in range(JITTERS):
        for parameter, old in zip(model.parameters(), kept, strict=True):
            size = min(max(0.3 * float(old.std(correction=0)), 0.1), 1.0)
            parameter.copy_(old + size * torch.randn(old.shape, generator=generator).to(old))
        yield model
    for parameter, old in zip(model.parameters(), kept, strict=True):
        parameter.copy_(old)


def _bend(pipeline: Pipeline, model: nn.Module, batch: Any) -> float:
    """Largest deviation from an affine function, relative to how far the outputs lie apart.

    Raises:
        CannotCheckError: the outputs do not depend on the inputs, or double precision is impossible.
    """
    along = _function(pipeline, model, batch)
    start, end = along(0.0), along(1.0)
    spread = float((end - start).abs().max())
    if not spread > 1e-12 * (1 + float(start.abs().max())):
        raise CannotCheckError("the outputs do not depend on the inputs")
    worst = 0.0
    for share in SHARES:
        deviation = float((along(share) - (share * end + (1 - share) * start)).abs().max())
        worst = max(worst, deviation / (spread * max(1.0, abs(share)))) if deviation == deviation else float("inf")
    return worst


def _function(pipeline: Pipeline, model: nn.Module, batch: Any) -> Callable[[float], Tensor]:
    """Outputs, as scores, at the mixture share * inputs + (1 - share) * those of the next example."""
    inputs = in_double(pipeline.inputs(batch))
    size = next(len(tensor) for tensor in tensors_in(inputs))

    def rolled(tensor: Tensor) -> Tensor:
        return tensor.roll(1, 0) if tensor.dim() > 0 and len(tensor) == size else tensor

    if any(tensor.is_floating_point() for tensor in tensors_in(inputs)):

        def along(share: float) -> Tensor:
            def mix(tensor: Tensor) -> Tensor:
                return share * tensor + (1 - share) * rolled(tensor) if tensor.is_floating_point() else tensor

            return _scores(pipeline.outputs(model, replace_inputs(batch, map_tensors(mix, inputs))))

        return along
    pair = (inputs, map_tensors(rolled, inputs))
    embedded, others = (_embedded(pipeline, model, replace_inputs(batch, given)) for given in pair)
    if not embedded:
        raise CannotCheckError("inputs are whole numbers and no embedding takes them")

    def along_words(share: float) -> Tensor:
        mixed = iter([share * mine + (1 - share) * other for mine, other in zip(embedded, others, strict=True)])
        with _hooked(model, lambda _, __, ___: next(mixed)):
            return _scores(pipeline.outputs(model, replace_inputs(batch, inputs)))

    return along_words


def _embedded(pipeline: Pipeline, model: nn.Module, batch: Any) -> list[Tensor]:
    """What each embedding gives, in order of use."""
    seen: list[Tensor] = []
    with _hooked(model, lambda _, __, output: seen.append(output.clone())):
        pipeline.outputs(model, batch)
    return seen


@contextmanager
def _hooked(model: nn.Module, hook: Callable[..., Any]) -> Iterator[None]:
    kinds = (nn.Embedding, nn.EmbeddingBag)
    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, kinds)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _scores(outputs: Tensor) -> Tensor:
    """Undo a softmax, log-softmax or sigmoid at the end, up to what they lose."""
    if outputs.dim() > 1 and outputs.shape[-1] > 1:
        if bool((outputs.logsumexp(-1).abs() < 1e-9).all()):
            return outputs - outputs[..., :1]
        if bool((outputs > 0).all()) and bool(((outputs.sum(-1) - 1).abs() < 1e-9).all()):
            return outputs.log() - outputs[..., :1].log()
    return outputs


def _stacked_without_need(pipeline: Pipeline, model: nn.Module, batch: Any) -> list[str]:
    """Two layers, one after the other, with no narrower place between them; empty when there are none."""
    widths: dict[nn.Module, int] = {}
    handles = [
        module.register_forward_hook(lambda used, _, output: widths.__setitem__(used, output[0].numel()))
        for module in model.modules()
        if isinstance(module, WEIGHTED)
    ]
    outputs = pipeline.outputs(model, _as_double(pipeline, batch))
    for handle in handles:
        handle.remove()
    names = {module: name or "model" for name, module in model.named_modules()}
    ends = min(outputs[0].numel(), _input_width(pipeline, batch))
    for first, second in itertools.combinations(widths, 2):
        if widths[first] >= ends and _multiply(pipeline, model, batch, first, second):
            return [names[first], names[second]]
    return []


def _as_double(pipeline: Pipeline, batch: Any) -> Any:
    return replace_inputs(batch, in_double(pipeline.inputs(batch)))


def _input_width(pipeline: Pipeline, batch: Any) -> int:
    tensors = [tensor for tensor in tensors_in(pipeline.inputs(batch)) if tensor.is_floating_point()]
    return max((tensor[0].numel() for tensor in tensors), default=2**31)


def _multiply(pipeline: Pipeline, model: nn.Module, batch: Any, first: nn.Module, second: nn.Module) -> bool:
    """Whether the weights of two layers are multiplied with each other, or merely added."""
    batch, values = _as_double(pipeline, batch), []
    for factors in ((2.0, 2.0), (2.0, 1.0), (1.0, 2.0), (1.0, 1.0)):
        for module, factor in zip((first, second), factors, strict=True):
            module.get_parameter("weight").mul_(factor)
        values.append(_scores(pipeline.outputs(model, batch)).clone())
        for module, factor in zip((first, second), factors, strict=True):
            module.get_parameter("weight").div_(factor)
    both, one, other, neither = values
    scale = float(torch.stack(values).abs().max())
    return float((both - one - other + neither).abs().max()) > TOLERANCE * scale


def _alert(stacked: list[str], evidence: dict[str, Any]) -> Finding:
    return Finding(
        "nonlinearity",
        "proved",
        f"The whole network is an affine function of its inputs (deviation {evidence['deviation']:.1g} in double "
        f"precision), though {stacked[0]} and {stacked[1]} are stacked: together they do no more than one layer.",
        {**evidence, "stacked": stacked},
        cause="The activation between the layers is missing, or made and not used.",
        fix="Put a ReLU (or another activation) between the layers, or keep a single layer.",
        source=SOURCE,
    )
