"""What the documentation is made of by its hooks."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from assay.tricks.batch.mixup import Mixup
from assay.tricks.initialisation.he_init import HeInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma

HOOKS = Path(__file__).parent.parent / "docs" / "hooks"


@pytest.fixture
def pages() -> ModuleType:
    pytest.importorskip("mkdocs")
    specification = importlib.util.spec_from_file_location("trick_pages", HOOKS / "trick_pages.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_tricks_page_says_how_one_writes_it(pages: ModuleType):
    page = pages.page_of(Mixup)
    assert "```python\nMixup(alpha=0.2)\n```\n" in page
    assert "| `alpha` | `0.2` | 0.2 for ImageNet, up to 1 for CIFAR; larger blends more |\n" in page
    assert "- **Also:** Kaiming initialisation" in pages.page_of(HeInit)
    assert "| argument |" not in pages.page_of(ZeroGamma)
