"""All checkers by name, explicitly: ours, and its rivals."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

from faults.rivals import assay_verify, preflight, torch_audit, torchdiag, torcheck, torchmortem, torchtest2
from faults.rivals.judgement import Checker, Rival

OURS = "assay"
RIVALS: tuple[Rival, ...] = (
    Rival("torchtest2", "torchtest2", "torchtest2", torchtest2.judge, torchtest2.MEANS),
    Rival("torch-audit", "torch-audit", "torch_audit", torch_audit.judge, torch_audit.MEANS),
    Rival("torchmortem", "torchmortem", "torchmortem", torchmortem.judge, torchmortem.MEANS),
    Rival("torchdiag", "torchdiag", "torchdiag", torchdiag.judge, torchdiag.MEANS),
    Rival("preflight-ml", "preflight-ml", "preflight.runner", preflight.judge, preflight.MEANS),
    Rival("torcheck", "torcheck", "torcheck", torcheck.judge, torcheck.MEANS),
)
CHECKERS: dict[str, Checker] = {OURS: assay_verify.judge, **{rival.name: rival.judge for rival in RIVALS}}


def made_ready(name: str) -> str | None:
    """Import a checker, so that no program pays for that, and say its version; None, with a line, if it is missing."""
    package, module = next(((rival.package, rival.module) for rival in RIVALS if rival.name == name), ("", "assay"))
    if not package:
        importlib.import_module(module)
        return ""
    try:
        found = version(package)
    except PackageNotFoundError:
        print(f"  {name}: not installed here and left out; `make bench-faults` installs it", flush=True)
        return None
    importlib.import_module(module)
    return f"{package} {found}"
