"""A device that is not the CPU on machines that have none: what meets it unmoved fails, as it would on a GPU.

Its tensors keep their values on the CPU, but may not be mixed with the CPU's, nor drawn by its generators. What only
real hardware shows (its speed, order of sums, kernels that are missing) stays unseen. PyTorch cannot forget such a
device again, so this is a process of its own: `PYTHONPATH=tests python tests/tricks/pretend_device.py`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import tiny_data
import torch
from stacks import example, home
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

from assay import device, pipeline
from assay.checks.recipe_training import verify_recipe
from assay.data.data import Data
from assay.defaults import default_recipe
from assay.recipe import Recipe
from assay.stages.request import Request
from assay.training.train import Training
from assay.tricks.catalog import TRICKS
from assay.tricks.initialisation.forget_bias import ForgetBias

NAME = "pretend"
MOVES = {"_to_copy", "copy_", "_foreach_copy_"}
INDEXING = {"index", "index_put", "index_put_", "_unsafe_index", "_index_put_impl_"}
SCALARS = {"masked_fill", "masked_fill_", "where", "fill_"}
NOT_HERE = {ForgetBias}
"""Recurrent cells are one kernel on every device but the CPU; there is none for this one."""


class Backend(_DummyBackendModule):
    """What PyTorch asks of a device's module."""

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16, torch.float16]

    def is_available(self) -> bool:
        return True

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed_all(self, seed: int) -> None: ...


class PretendTensor(Tensor):
    """A tensor on the device."""

    on_host: Tensor

    @staticmethod
    def __new__(cls, on_host: Tensor) -> PretendTensor:
        new = Tensor._make_wrapper_subclass(  # pyright: ignore[reportAttributeAccessIssue]
            cls, on_host.size(), strides=on_host.stride(), storage_offset=on_host.storage_offset(),
            dtype=on_host.dtype, device=torch.device(NAME, 0),
        )  # fmt: skip
        new.on_host = on_host
        return new

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})

    def tolist(self) -> Any:
        return self.on_host.tolist()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.on_host.detach().__reduce_ex__(protocol)


class PretendDevice(TorchDispatchMode):
    """Inside it, tensors may be made on the device."""

    def __enter__(self) -> Any:
        # Else `torch.tensor(..., device=...)` would ask the device for memory.
        self.before = torch._C._only_lift_cpu_tensors()
        torch._C._set_only_lift_cpu_tensors(True)
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        torch._C._set_only_lift_cpu_tensors(self.before)
        super().__exit__(*error)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})


def is_there(value: Any) -> bool:
    return isinstance(value, PretendTensor)


def compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Run an operation on the CPU's values, and put its results where a device would."""
    leaves, target = tree_leaves((args, kwargs)), kwargs.get("device")
    there = target.type == NAME if target is not None else any(map(is_there, leaves))
    if not there and not any(map(is_there, leaves)):
        return func(*args, **kwargs)
    if torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"):
        with PretendDevice():
            parts = func.decompose(*args, **kwargs)
        if parts is not NotImplemented:
            return parts
    refuse_mixture(func, args, leaves, there)
    args_here, kwargs_here = tree_map(lambda value: value.on_host if is_there(value) else value, (args, kwargs))
    if target is not None:
        kwargs_here["device"] = torch.device("cpu")
    results = func(*args_here, **kwargs_here)
    if there:
        results = tree_map(lambda value: PretendTensor(value) if isinstance(value, Tensor) else value, results)
    return return_and_correct_aliasing(func, args, kwargs, results)


def refuse_mixture(func: Any, args: Any, leaves: list[Any], there: bool) -> None:
    """Refuse what a GPU refuses: tensors of both devices (but for scalars and indices), and the CPU's generator."""
    name = func.overloadpacket.__name__
    if there and any(isinstance(leaf, torch.Generator) for leaf in leaves):
        raise RuntimeError(f"{func}: expected a generator of the device, found the CPU's")
    if name in MOVES or not any(map(is_there, leaves)) or (name in INDEXING and is_there(args[0])):
        return
    scalars = torch.Tag.pointwise in func.tags or name.startswith(("_foreach", "_amp")) or name in SCALARS
    here = [leaf for leaf in leaves if isinstance(leaf, Tensor) and not is_there(leaf)]
    if any(not (scalars and leaf.dim() == 0) for leaf in here):
        raise RuntimeError(f"{func}: expected all tensors on one device, found {NAME} and cpu")


def train_and_resume(recipe: Recipe, data: Data) -> None:
    """Two steps, a checkpoint, and two more steps of another process's training."""
    with tempfile.TemporaryDirectory() as folder:
        for sitting in range(2):
            training = Training(recipe, data, device=NAME, checkpoint=Path(folder) / "checkpoint", evaluations=0)
            assert training.step == 2 * sitting
            for step in training:
                if step.number == 2 * sitting + 1:
                    break
            training.save()
        run = training.finish()
        assert next(run.last_model.parameters()).device.type == NAME
        assert run.validation.outputs.device.type == "cpu"


def main() -> None:
    """Every trick, the checks, and a whole run."""
    _setup_privateuseone_for_python_backend(NAME, backend_module=Backend())
    library = torch.library.Library("_", "IMPL")
    library.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    device.KNOWN = (*device.KNOWN, NAME)
    torch.inference_mode = torch.no_grad  # whose tensors cannot be wrapped
    torch.cuda.mem_get_info = lambda _: (2**40, 2**40)
    images, table = (fixture.__wrapped__() for fixture in (tiny_data.tiny_images, tiny_data.tiny_table))
    with PretendDevice():
        with pytest.raises(RuntimeError, match="expected all tensors on one device"):
            torch.add(torch.ones(2, device=NAME), torch.ones(2))
        with pytest.raises(RuntimeError, match="expected a generator of the device"):
            torch.rand(2, device=NAME, generator=torch.Generator())
        for kind in TRICKS:
            if kind not in NOT_HERE:
                recipe = home(kind) | example(kind)
                train_and_resume(recipe, table if recipe.task == "regression" else images)
                print(kind.__name__)
        recipe = default_recipe(images.specification, 24, device=torch.device(NAME)).change(batch_size=8)
        report = verify_recipe(recipe, images, device=torch.device(NAME))
        undone = [skip for skip in report.skipped if skip.reason == "budget" or "failed with" in skip.reason]
        assert not undone, undone
        Request.open = lambda self: images
        with tempfile.TemporaryDirectory() as folder:
            story = pipeline.run(Request("images", 30.0, device=NAME), Path(folder))
        crashed = [skip for stage in story.stages for skip in stage.report.skipped if "failed" in skip.reason]
        assert not crashed, crashed
    print("ok")


if __name__ == "__main__":
    main()
