"""Does it work as a student meets it: in JupyterLab, in a real browser, by keyboard and mouse?"""

import json
from pathlib import Path

import pytest
import shown
from browser import says
from lab import errors, furnish, run, serving, theme
from shown import KINDS, Shown, widgets_of

from backprop import backward, forward, loss_of, update
from backprop.diagram import number
from backprop.examples import mazur

LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
EVERY = """\
from backprop import Network
from backprop.datasets import xor
from backprop.examples import mazur
from backprop.widgets import {}

net = Network.random([2, 3, 1], ["tanh", "identity"], "binary_cross_entropy", seed=1)
"""
GIVEN = {  # what each widget is given where it has to be given something
    "explore_landscape": "*mazur()[:3], ('w2_1_1', 'w2_2_1')",
    "explore_step": "*mazur()",
    "step_through": "*mazur()",
    "watch_training": "net, xor(), batch=4",
}


# — a server, and notebooks to open —


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the lessons, a notebook for each widget, and one with all of them."""
    home = tmp_path_factory.mktemp("course")
    start, calls = EVERY.format(", ".join(sorted(KINDS))), {}
    for kind in sorted(KINDS):
        calls[kind] = f"{kind}({GIVEN.get(kind, '')})"
    notebooks = {f"{kind}.ipynb": [start, call] for kind, call in calls.items()}
    notebooks |= {"every.ipynb": [start, *calls.values()]}
    furnish(home, notebooks | {lesson.name: lesson for lesson in LESSONS})
    return home


@pytest.fixture(scope="module")
def lab(home):
    with serving(home, "jupyterlab") as address:
        yield address


@pytest.fixture(scope="module")
def notebook(home):
    with serving(home, "notebook") as address:
        yield address


# — one training step, in JupyterLab —


def test_a_slider_moved_by_keys_moves_the_numbers_to_numpys(page, lab):
    assert errors(run(page, lab("explore_step.ipynb"))) == []
    net, x, y, _ = mazur()
    says(page, f"E = {number(loss_of(net, x, y), 6)},")
    page.get_by_label("Look at").select_option("w2_1_1")
    says(page, "∂E/∂w⁽²⁾₁₁")
    slider = page.locator("input[name=value]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    flat = net.flat()
    flat[6] = 0.45  # w⁽²⁾₁₁, five steps of 0.01 from 0.40
    net = net.with_flat(flat)
    gradient = backward(net, forward(net, x), y).W[2][0, 0]
    says(page, f"E = {number(loss_of(net, x, y), 6)},")
    says(page, f"∂E/∂w⁽²⁾₁₁ = {number(gradient, 6)} is positive")
    assert slider.evaluate("slider => slider === document.activeElement")
    assert slider.evaluate("slider => getComputedStyle(slider).outlineStyle") == "solid"
    assert page.locator("g[data-name=w2_1_1] text").text_content() == "+0.450"


def test_arrow_keys_are_the_sliders_own_in_notebook_too(page, notebook):
    assert errors(run(page, notebook("explore_step.ipynb"))) == []
    slider = page.get_by_label("η")
    slider.press("ArrowRight")
    assert slider.input_value() == "0.55"
    net, x, y, _ = mazur()
    after = update(net, backward(net, forward(net, x), y), 0.55)
    says(page, f"and {number(loss_of(after, x, y), 6)} after this step")


def test_a_click_on_an_edge_and_the_buttons_do_what_they_say(page, lab):
    run(page, lab("explore_step.ipynb"))
    page.locator("g[data-name=w1_2_1] text").click()
    says(page, "∂E/∂w⁽¹⁾₂₁")
    assert page.get_by_label("Look at").input_value() == "w1_2_1"
    page.get_by_role("button", name="Take the step").press("Enter")
    page.get_by_text("1 step taken").wait_for()
    says(page, "E = 0.280471,")  # Mazur's network with its biases updated too
    page.get_by_role("button", name="Start again").press("Enter")
    says(page, "E = 0.298371,")


def test_a_drag_ends_on_its_last_value_and_skips_what_is_too_fast(page, lab):
    run(page, lab("explore_step.ipynb"))
    says(page, "E = 0.298371,")
    drag = """async () => {
      const slider = document.querySelector("input[name=value]"), seen = new Set();
      const shown = () => document.querySelector(".bp-slider .bp-value").textContent;
      for (let k = 0; k <= 120; k++) {
        slider.value = k / 100;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise(requestAnimationFrame);
        seen.add(shown());
      }
      const end = performance.now();
      while (shown() !== "1.200" && performance.now() < end + 5000)
        await new Promise(requestAnimationFrame);
      return [seen.size, performance.now() - end];
    }"""
    seen, lag = page.evaluate(drag)
    assert seen > 10
    assert lag < 2000  # a tenth of that on an idle machine; were values queued, it would be seconds


# — by keys alone —

FOCUS = """() => {
  const control = document.activeElement, inside = control.closest(".bp-scene") !== null;
  const { name = "summary", type = "summary", value, max } = control;
  const { outlineStyle, outlineWidth } = getComputedStyle(control);
  return { inside, name, type, last: value === max, outline: `${outlineStyle} ${outlineWidth}` };
}"""
ANSWERED = """name => {
  const control = document.activeElement, { name: here, value, options, step } = control;
  const says = options ? control.querySelector("[selected]") : control;
  const shown = says.getAttribute("value");
  const near = Math.abs(shown - value) < step / 2; // the browser shows whole steps only
  return here === name && (shown === value || near);
}"""


@pytest.mark.parametrize("kind", ["step_through", "explore_landscape"])
def test_tab_reaches_every_control_and_keys_move_it(page, lab, kind):
    run(page, lab(f"{kind}.ipynb"))
    controls = page.locator(".bp-controls :is(input, select, button)")
    controls.first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    words, reached = page.locator(".bp-words"), []
    while (here := page.evaluate(FOCUS))["inside"]:
        assert here["outline"] == "solid 3px", here
        reached.append(here["name"])
        before = words.text_content()
        if here["type"] == "range":
            page.keyboard.press("ArrowLeft" if here["last"] else "ArrowRight")
        else:
            page.keyboard.press("ArrowDown" if here["type"] == "select-one" else "Enter")
        if here["type"] in ("range", "select-one"):
            page.wait_for_function(ANSWERED, arg=here["name"])
        elif here["name"] in ("next", "step", "ten", "reset"):
            page.wait_for_function(
                "before => document.querySelector('.bp-words').textContent !== before", arg=before
            )
        page.keyboard.press("Tab")
    assert set(reached) >= set(controls.evaluate_all("all => all.map(({ name }) => name)"))


# — every widget of every lesson —


@pytest.mark.parametrize("lesson", [lesson.name for lesson in LESSONS])
def test_a_lesson_runs_and_its_widgets_follow_numpy(page, lab, home, lesson):
    """Read by axe too, by day and by night: it is the same visit."""
    assert errors(run(page, lab(lesson))) == []
    if moves_all(page, home / lesson):
        assert violations(page, {"rules": {"target-size": {"enabled": True}}}) == []
        assert pale(page) == []
        theme(page, "JupyterLab Dark")
        assert violations(page, {"runOnly": ["color-contrast"]}) == []
        assert pale(page) == []


def test_every_widget_follows_numpy_in_notebook_too(page, notebook, home):
    assert errors(run(page, notebook("every.ipynb"))) == []
    assert moves_all(page, home / "every.ipynb") == KINDS


def moves_all(page, path):
    """Move each widget of a notebook and see NumPy's numbers; returns which kinds there were."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) if cell["cell_type"] == "code" else "" for cell in cells]
    found = widgets_of(code)
    assert page.locator(".bp-scene:has(.bp-controls)").count() == len(found)
    for k, kind, given in found:
        scene = page.locator(".jp-Notebook .jp-Cell").nth(k).locator(".bp-scene")
        getattr(shown, kind)(Shown(scene), **given)
    return {kind for _, kind, _ in found}


def violations(page, options):
    """What axe-core has against the scenes of a page, a line for each place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, ".bp-scene", options | {"preload": False}).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:200]}"
        for violation in found
        for node in violation["nodes"]
    ]


PALE = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data]
      .map((c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = light(getComputedStyle(document.querySelector(".jp-Notebook")).backgroundColor);
  const contrast = (colour) => {
    const [dark, bright] = [light(colour), paper].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  return [...document.querySelectorAll(".bp-scene svg text")]
    .map((text) => [text.textContent, getComputedStyle(text).fill])
    .filter(([, fill]) => contrast(fill) < 4.5);
}"""


def pale(page):
    """Words in pictures without the contrast that WCAG asks for, 4.5; axe reads no SVG."""
    assert page.locator(".bp-scene svg text").count()
    return page.evaluate(PALE)
