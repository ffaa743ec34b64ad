"""A seed for each test that draws, printed."""

import random

import pytest


@pytest.fixture
def seed() -> int:
    chosen = random.SystemRandom().randrange(2**32)
    print(f"seed {chosen}")
    return chosen
