"""Does every lesson make slides that fit, and a page where each widget leaves its picture?"""

import importlib.util
from pathlib import Path

import pytest
from browser import CHROMIUM

FILE = Path(__file__).parents[1] / "site" / "slides.py"
SPEC = importlib.util.spec_from_file_location("slides", FILE)
LESSONS = sorted((FILE.parents[1] / "notebooks").glob("[0-9]*.ipynb"))
EACH = pytest.mark.parametrize("name", [path.stem for path in LESSONS])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the slides, the notebooks after they have run, and what made both."""
    maker = importlib.util.module_from_spec(SPEC)
    SPEC.loader.exec_module(maker)
    folder = tmp_path_factory.mktemp("slides")
    return folder, maker.build(folder, LESSONS), maker


@pytest.fixture
def page(need, request):
    """A page of a slide's size that asks for nothing outside the folder and fails in no script."""
    need(importlib.util.find_spec("nbconvert"), "nbconvert is not installed")
    need((FILE.parents[1] / "build" / "kit").is_dir(), "no reveal.js: run make slides once")
    need(importlib.util.find_spec("playwright"), "playwright is not installed")
    need(CHROMIUM, "Chromium is not installed: apt install chromium")
    page = request.getfixturevalue("chromium").new_page(viewport={"width": 1280, "height": 720})
    failures, asked = [], []
    page.on("pageerror", lambda error: failures.append(error.stack or str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    page.close()
    assert not failures
    assert not [url for url in asked if not url.startswith(("file:", "data:", "about:", "blob:"))]


SLIDES = """() => Reveal.getSlides().map((slide) => {
  const { h, v } = Reveal.getIndices(slide);
  Reveal.slide(h, v, 99);
  const origin = slide.getBoundingClientRect();
  const seen = Array.from(slide.querySelectorAll("*")).filter((element) =>
    !element.closest("aside, .MJX_Assistive_MathML, .bp-live, svg *")
      && element.checkVisibility({ visibilityProperty: true }));
  const boxes = seen.map((element) => element.getBoundingClientRect())
    .filter((box) => box.width > 1);
  const lines = seen.filter((element) => element.matches("p, li, td, pre, h1, h2, h3"));
  const pictures = seen.filter((element) => element.matches(".bp-picture svg, img"));
  return {
    named: (slide.querySelector("h1, h2, h3") ?? slide).textContent.trim().slice(0, 60),
    bottom: Math.max(...boxes.map((box) => box.bottom - origin.top)),
    right: Math.max(...boxes.map((box) => box.right - origin.left)),
    cut: seen.filter((element) => getComputedStyle(element).overflowX !== "visible"
      && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1).length,
    font: Math.min(...lines.map((line) => parseFloat(getComputedStyle(line).fontSize))),
    picture: Math.min(...pictures.map((picture) => picture.clientHeight)),
    size: [slide.offsetWidth, slide.offsetHeight],
    raw: slide.innerText.match(/\\$|<Figure|\\\\frac|object at 0x|^(In|Out)\\s*\\[/m)?.[0] ?? "",
  };
})"""


@EACH
def test_every_slide_fits_and_can_be_read_from_the_last_row(page, built, name):
    folder, *_ = built
    page.goto((folder / f"{name}.html").as_uri())
    page.locator(".reveal.ready").wait_for(timeout=60_000)
    slides = page.evaluate(SLIDES)
    assert len(slides) > 20
    for slide in slides:
        assert slide["size"] == [1280, 720]
        assert 40 < slide["bottom"] <= 720, slide
        assert 100 < slide["right"] <= 1280, slide
        assert slide["cut"] == 0, slide
        assert slide["font"] >= 18, slide
        assert (slide["picture"] or 720) >= 150, slide
        assert not slide["raw"], slide


@EACH
def test_the_lecturers_notes_are_with_the_slides_and_on_none(page, built, name):
    folder, notebooks, _ = built
    page.goto((folder / f"{name}.html").as_uri())
    page.locator(".reveal.ready").wait_for(timeout=60_000)
    notes = [cell for cell in notebooks[name].cells if "lecturer" in cell.metadata.get("tags", ())]
    assert page.locator("aside.notes").count() == len(notes) > 0
    assert not page.locator("aside.notes").evaluate_all(
        "notes => notes.filter((note) => note.checkVisibility()).length"
    )


@EACH
def test_on_a_page_without_a_kernel_or_a_script_each_widget_leaves_its_picture(
    page, built, name, chromium
):
    _, notebooks, maker = built
    outputs = [o for cell in notebooks[name].cells for o in cell.get("outputs", ())]
    widgets = [o for o in outputs if "bp-scene" in o.get("data", {}).get("text/html", "")]
    still = chromium.new_page(java_script_enabled=False)
    still.set_content(maker.page(notebooks[name], name))
    pictures = still.locator(".bp-scene .bp-picture > svg")
    assert pictures.count() == len(widgets) > 0
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box["width"] > 300 and box["height"] > 100
        assert picture.locator("path, line, circle, rect").count() > 5
        assert picture.get_attribute("role") == "img"
    still.close()


def test_the_index_leads_to_every_deck(page, built):
    folder, *_ = built
    page.goto((folder / "index.html").as_uri())
    assert page.locator("a").count() == len(LESSONS)
    for link in page.locator("a").all():
        assert (folder / link.get_attribute("href")).exists()


def test_without_reveal_the_maker_says_what_to_do(built, tmp_path, monkeypatch):
    *_, maker = built
    monkeypatch.setattr(maker, "KIT", tmp_path)
    with pytest.raises(FileNotFoundError, match="run make slides"):
        maker.build(tmp_path, [])
