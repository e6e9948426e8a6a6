"""What every test shares: one thread, a seeded generator, and a say in what may be skipped."""

import importlib.util
import os

# NumPy's linear algebra reads these once, when it is first imported.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np
import pytest

collect_ignore = ["strict_kernel.py"]  # for a notebook's kernel, not for this process


@pytest.fixture
def rng():
    """The same random numbers in every run."""
    return np.random.default_rng(0)


@pytest.fixture
def torch(need):
    """PyTorch, one more oracle for the gradients and the descents."""
    need(importlib.util.find_spec("torch"), "PyTorch is not installed: pip install -e '.[oracle]'")
    return importlib.import_module("torch")


@pytest.fixture
def need():
    """`need(condition, why)`: without it a test is skipped here, and fails where all must run."""

    def need(condition, why):
        if not condition:
            (pytest.fail if os.environ.get("BACKPROP_STRICT") else pytest.skip)(why)

    return need
