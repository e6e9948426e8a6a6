"""A real browser for the tests that look at a page, and what they wait for in it."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


def says(page, words):
    """Wait until the scene says so."""
    page.locator(".bp-words", has_text=words).first.wait_for(timeout=20_000)
