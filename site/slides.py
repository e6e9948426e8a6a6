"""Turn every lesson into slides that need no network: python site/slides.py [FOLDER]"""

import html
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter, SlidesExporter
from nbconvert.preprocessors import ExecutePreprocessor
from traitlets.config import Config

SITE = Path(__file__).parent
LESSONS = sorted((SITE.parent / "notebooks").glob("[0-9]*.ipynb"))
KIT = SITE.parent / "build" / "kit"  # reveal.js and MathJax, as requirements.txt names them
LOADED = {"reveal": "sphinx_revealjs/_static/revealjs", "mathjax": "jupyter_server_mathjax/static"}
FIRST = ["text/html", "image/svg+xml", "image/png", "text/latex", "text/markdown", "text/plain"]
SHOWN = Config({"NbConvertBase": {"display_data_priority": FIRST}})
PLAIN = {"config": SHOWN, "exclude_input_prompt": True, "exclude_output_prompt": True}
PLAIN |= {"exclude_anchor_links": True}


def executed(path):
    """The notebook with its outputs; widgets leave the picture that needs no kernel."""
    notebook = nbformat.read(path, as_version=4)
    runner = ExecutePreprocessor(
        kernel_name="python3",
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--InlineBackend.figure_formats=svg"],  # sharp at any size
    )
    runner.preprocess(notebook, {"metadata": {"path": str(path.parent)}})
    for cell in notebook.cells:
        if cell.cell_type == "code":  # a progress bar that stands still says nothing
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return notebook


def slides(notebook, name):
    """The notebook as a deck: an HTML page that looks for reveal.js and MathJax beside it."""
    style = (SITE / "slides.css").read_text(encoding="utf-8")
    looks = {"template_file": str(SITE / "slides.html.j2"), "reveal_theme": "white"}
    exporter = SlidesExporter(reveal_url_prefix="reveal", **looks, **PLAIN)
    return exporter.from_notebook_node(notebook, {"metadata": {"name": name}, "style": style})[0]


def page(notebook, name):
    """The notebook as a page to scroll."""
    return HTMLExporter(**PLAIN).from_notebook_node(notebook, {"metadata": {"name": name}})[0]


def title(notebook):
    return re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE)[1]


def index(titles):
    """A page that leads to each deck."""
    items = "".join(
        f'<li><a href="{name}.html">{html.escape(text)}</a></li>\n' for name, text in titles.items()
    )
    head = '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Slides</title>'
    style = "<style>body { font: 1.5rem/2 system-ui, sans-serif; margin: 3rem }</style>"
    keys = "<p>Keys: Space onward, Esc all slides, S your notes and the clock, B black.</p>"
    return f"{head}{style}\n<h1>Slides</h1>\n<ul>\n{items}</ul>\n{keys}\n"


def build(folder, paths):
    """Run the notebooks and write a deck for each, with all that the decks load."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, inside in LOADED.items():
        if not (KIT / inside).is_dir():
            raise FileNotFoundError(f"{KIT / inside} is missing: run make slides")
        shutil.copytree(KIT / inside, folder / name, dirs_exist_ok=True)
    notebooks = {path.stem: executed(path) for path in paths}
    for name, notebook in notebooks.items():
        (folder / f"{name}.html").write_text(slides(notebook, name), encoding="utf-8")
    titles = {name: title(notebook) for name, notebook in notebooks.items()}
    (folder / "index.html").write_text(index(titles), encoding="utf-8")
    return notebooks


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else SITE.parent / "build" / "slides"
    build(folder, LESSONS)
    print(f"open {folder / 'index.html'}")
