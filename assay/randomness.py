"""Random numbers by name instead of by history.

Every random choice draws from a generator that is a pure function of the run's seed, the choice's
name and the step. Nothing depends on what was drawn before, so a run that was killed continues with
the same numbers once it knows its step, and the number of loader workers cannot matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def derive_seed(seed: int, *names: str | int) -> int:
    """A 63-bit seed for the choice called `names`; different names give independent streams."""
    key = repr((seed, *names)).encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little") >> 1


def generator_for(seed: int, *names: str | int) -> torch.Generator:
    """A CPU generator for the choice called `names`."""
    return torch.Generator().manual_seed(derive_seed(seed, *names))


@contextmanager
def scoped_seed(seed: int, *names: str | int) -> Iterator[None]:
    """Seed torch's global generators inside the block and put them back after it.

    For code that can only draw from the global state: layer initialisation and `nn.Dropout`.
    """
    value = derive_seed(seed, *names)
    state = torch.get_rng_state()
    cuda_states = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    torch.default_generator.manual_seed(value)
    if cuda_states is not None:
        torch.cuda.manual_seed_all(value)
    try:
        yield
    finally:
        torch.set_rng_state(state)
        if cuda_states is not None:
            torch.cuda.set_rng_state_all(cuda_states)
