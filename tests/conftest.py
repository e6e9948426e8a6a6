"""What every test shares: one thread, a seeded generator, and a say in what may be skipped."""

import importlib.util
import os
import signal

# NumPy's linear algebra reads these once, when it is first imported.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np
import pytest
from browser import CHROMIUM, FLAGS

# What a shell starts in the background is deaf to Ctrl+C, and so would be the tests of it.
signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(need, request):
    """An empty page; at the end no script may have failed, save Notebook 7.6's own, which does."""
    need(
        importlib.util.find_spec("playwright"),
        "playwright is not installed: pip install -e .[test]",
    )
    need(CHROMIUM, "Chromium is not installed: apt install chromium")
    page = request.getfixturevalue("chromium").new_page(viewport={"width": 1280, "height": 720})
    failures = []
    page.on("pageerror", lambda error: failures.append(error.stack or str(error)))
    yield page
    page.close()
    assert not [failure for failure in failures if "/static/notebook/" not in failure]
