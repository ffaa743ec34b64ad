"""Rules of the house that no tool knows: what must be listed is listed, what must stay out is out.

The tricks' own catalogue has its rules in tests/tricks/test_catalog.py.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from child_processes import output_of

from assay.checks.catalog import CHECKS
from assay.cli.app import build_app
from assay.data.open import NAMED

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "assay").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
HEAVY = {"optuna", "plotly", "sklearn", "polars", "sqlalchemy", "scipy", "jinja2", "fastapi", "torchvision"}
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "misc"}
GLOBAL_DRAWS = {"torch.manual_seed", "torch.seed", "np.random.seed", "numpy.random.seed", "random.seed"}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Top-level package names of all import statements in a file, lazy ones too."""
    names = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def calls(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(parse(path)) if isinstance(node, ast.Call)}


def test_the_rules_see_the_package():
    figure = ROOT / "assay" / "figure.py"
    assert figure in MODULES
    assert {"torch", "PIL", "base64"} <= imports(figure)
    assert "Image.fromarray" in calls(figure)


def test_torchvision_is_never_imported():
    # To parse every file takes long, and hardly any has the word at all.
    named = [path for path in (*MODULES, *TESTS) if "torchvision" in path.read_text()]
    assert Path(__file__) in named
    assert [name_of(path) for path in named if "torchvision" in imports(path)] == []


def test_the_library_loads_without_heavy_packages():
    modules = [
        "assay",
        "assay.training.train",
        "assay.data.open",
        "assay.checks",
        "assay.audit",
        "assay.tricks.catalog",
    ]
    program = f"import sys, {', '.join(modules)}; print(sorted({HEAVY!r} & set(sys.modules)))"
    assert output_of([sys.executable, "-c", program], ROOT).strip() == "[]"


def test_every_room_is_a_package():
    # The import linter and the wheel pass by a folder without __init__.py, and nobody would notice.
    assert sorted({name_of(path.parent) for path in MODULES if not (path.parent / "__init__.py").exists()}) == []


def test_files_are_named_for_one_idea():
    assert [name_of(path) for path in (*MODULES, *TESTS) if path.stem in FORBIDDEN_NAMES] == []


def test_files_stay_readable():
    long = {name_of(path): lines for path in MODULES if (lines := len(path.read_text().splitlines())) > 320}
    assert long == {}, "stop and think: is this one idea?"


def test_no_check_reads_another_and_nothing_below_reads_a_check():
    # What two checks need is an experiment; the linter of layers does not know the checks by name.
    checks = {check.__module__.rpartition(".")[2] for _, check in CHECKS}
    readers = [path for path in (ROOT / "assay" / "checks").rglob("*.py") if path.name != "catalog.py"]
    read = {name_of(path): set(re.findall(r"from assay\.checks\.(\w+) import", path.read_text())) for path in readers}
    assert "given" not in checks
    assert "assay/checks/time_dependency.py" in read
    assert {name: names & checks for name, names in read.items() if names & checks} == {}


def test_nothing_seeds_the_global_random_state():
    # state_trace gives the user's code a known state, and puts the old one back.
    offenders = [name_of(path) for path in MODULES if calls(path) & GLOBAL_DRAWS]
    assert set(offenders) <= {"assay/checks/given/state_trace.py"}


def test_test_files_have_names_of_their_own():
    names = [path.name for path in TESTS if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("identifier", [identifier for identifier, _ in CHECKS])
def test_every_check_is_in_the_documentation(identifier):
    assert f"`{identifier}`" in (ROOT / "docs" / "verify.md").read_text()


def test_every_check_has_a_file_of_its_own_and_an_id_of_its_own():
    modules = [check.__module__ for _, check in CHECKS]
    identifiers = [identifier for identifier, _ in CHECKS]
    assert len(set(modules)) == len(modules)
    assert len(set(identifiers)) == len(identifiers)


def test_every_command_is_in_the_documentation():
    page = (ROOT / "docs" / "cli.md").read_text()
    commands = [command.name for command in build_app().registered_commands]
    assert len(commands) > 5
    assert [name for name in commands if f"| `assay {name} " not in page] == []


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_named_source_is_in_the_documentation(name):
    assert f"| `{name}` |" in (ROOT / "docs" / "data.md").read_text()
