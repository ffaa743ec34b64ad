"""Find a program by name: `my_project.train:pipeline` is a function that returns what `assay.verify` takes.

It may return a mapping of the arguments by name, a tuple of them in order, a LightningModule with its DataModule (and
Trainer), or a Hugging Face Trainer.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assay.checks.given.arguments import refuse_wrong_objects, refuse_wrong_plan
from assay.checks.given.state_trace import seed_everything
from assay.checks.verify import make_pipeline
from assay.errors import InputError
from assay.programs.hugging_face import from_trainer, is_trainer
from assay.programs.lightning import from_lightning, is_lightning

NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
ARGUMENTS = tuple(name for name in inspect.signature(make_pipeline).parameters if name != "seed")
REQUIRED = ARGUMENTS[:4]
ON_THE_COMMAND_LINE = {"budget_seconds": "--budget", "seed": "--seed", "ignore": "--ignore"}


def is_program_name(text: str) -> bool:
    """Whether this is written `package.module:function` and is no file."""
    is_file = Path(text).exists() or Path(text.partition(":")[0]).is_file()
    return NAME.fullmatch(text) is not None and not is_file


def refuse_nearly_program_name(text: str) -> None:
    """A module without a function, or one written as a path, is answered with how it is written.

    Raises:
        InputError: no data is meant by this text.
    """
    written, _, function = text.partition(":")
    module = written.removesuffix(".py").replace("/", ".").strip(".")
    file = Path(module.replace(".", "/"))
    is_module = bool(module) and (file.with_suffix(".py").exists() or (file / "__init__.py").exists())
    if Path(text).exists() or not (is_module or text.startswith(":")):
        return
    meant = f"{module or 'my_project.train'}:{function or 'pipeline'}"
    raise InputError(f"{text}: a program is written package.module:function; do you mean {meant}?")


def load_program(name: str, *, seed: int = 0) -> dict[str, Any]:
    """Import the module from here, seed every generator, call the function.

    Returns:
        The arguments of `assay.verify` but seed and budget.
    Raises:
        InputError: no such module or function, an error of its own (its cause), or something else returned.
    """
    function = _find(name)
    seed_everything(seed)
    try:
        returned = function()
    except (Exception, SystemExit) as error:
        raise InputError(f"{name}: {_place(error)}{type(error).__name__}: {error}; run it by itself to see") from error
    arguments = program_arguments(returned, name)
    given = (arguments.get(key) for key in ("model", "loss_fn", "optimizer", "training_step", "scheduler"))
    try:
        refuse_wrong_objects(*given)
        refuse_wrong_plan(arguments.get("scheduler_interval", "step"), arguments.get("epochs"))
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {error}") from None
    return arguments


def program_arguments(returned: Any, name: str) -> dict[str, Any]:
    """What a program's function returned, as arguments by name.

    Raises:
        InputError: it is none of the known forms; says which there are.
    """
    if is_trainer(returned):
        return from_trainer(returned)
    if isinstance(returned, (tuple, list)) and len(returned) in (2, 3) and is_lightning(returned[0]):
        return from_lightning(returned[0], returned[1], trainer=returned[2] if len(returned) == 3 else None)
    if isinstance(returned, Mapping):
        return _by_name(returned, name)
    if isinstance(returned, (tuple, list)) and len(REQUIRED) <= len(returned) <= len(ARGUMENTS):
        return dict(zip(ARGUMENTS, returned, strict=False))
    size = f" of {len(returned)}" if isinstance(returned, (tuple, list)) else ""
    raise InputError(
        f"{name}: must return a mapping or a tuple of {', '.join(ARGUMENTS)}, a LightningModule with its DataModule, "
        f"or a Hugging Face Trainer; got {type(returned).__name__}{size}; return at least {', '.join(REQUIRED)}"
    )


def _by_name(returned: Mapping[str, Any], name: str) -> dict[str, Any]:
    for key in returned:
        if key in ON_THE_COMMAND_LINE:
            option = ON_THE_COMMAND_LINE[key]
            raise InputError(f"{name}: {key!r} is given on the command line, as {option}; leave it out of the mapping")
        if key not in ARGUMENTS:
            near = difflib.get_close_matches(str(key), ARGUMENTS, 1)
            meant = f"did you mean {near[0]!r}?" if near else f"the names are {', '.join(ARGUMENTS)}"
            raise InputError(f"{name}: {key!r} is no argument of assay.verify; {meant}")
    missing = [key for key in REQUIRED if key not in returned]
    if missing:
        raise InputError(f"{name}: {', '.join(missing)} missing from what it returns; add {missing[0]!r}")
    return dict(returned)


def _find(name: str) -> Callable[[], Any]:
    module_name, _, path = name.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # as `python -m` does, so that a project need not be installed
    try:
        value: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise InputError(
                f"{name}: there is no module {error.name!r} here; run the command in the folder that holds it"
            ) from None
        raise InputError(f"{name}: {_place(error)}{error}; install what it imports") from error
    except Exception as error:
        raise InputError(f"{name}: {_place(error)}{type(error).__name__}: {error}; mend the import") from error
    for part in path.split("."):
        if not hasattr(value, part):
            near = difflib.get_close_matches(part, dir(value), 1)
            raise InputError(
                f"{name}: {value.__name__} has no {part!r}{f'; did you mean {near[0]!r}?' if near else ''}"
            )
        value = getattr(value, part)
    if not callable(value):
        raise InputError(f"{name}: must be a function without arguments, got {type(value).__name__}; wrap it in one")
    return value


def _place(error: BaseException) -> str:
    """Where the user's code raised it: the innermost frame that is not of a library."""
    here = os.path.dirname(os.path.abspath(__file__))
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename and not frame.filename.startswith((here, "<frozen", sys.base_prefix))
    ]
    return f"{os.path.relpath(frames[-1].filename)}:{frames[-1].lineno}: " if frames else ""
