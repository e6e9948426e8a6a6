"""Does it work as a student meets it: in JupyterLab, in a real browser, by keyboard and mouse?"""

import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from backprop import Network, backward, forward, loss_of, update
from backprop.diagram import diagram, number
from backprop.examples import mazur
from backprop.widgets import Player, Scene, View

LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
SETTINGS = {  # no question about news, and every cell in the page, seen or not
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
CELL = """\
from backprop.examples import mazur
from backprop.widgets import explore_step

explore_step(*mazur())
"""


# — a browser, a server, and a notebook open in both —


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


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the lessons and a notebook that has the hero only, and nobody's settings."""
    home = tmp_path_factory.mktemp("course")
    for name, settings in SETTINGS.items():
        file = home / f".settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
    for lesson in LESSONS:
        shutil.copy(lesson, home)
    cell = {"cell_type": "code", "id": "hero", "metadata": {}, "outputs": [], "source": CELL}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell | {"execution_count": None}], "metadata": {"kernelspec": kernel}}
    (home / "hero.ipynb").write_text(json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 5}))
    return home


@contextmanager
def serving(home, app, *flags):
    """Serve the folder with JupyterLab or Notebook; gives the address, a format for the path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    folders = {"JUPYTERLAB_SETTINGS_DIR": ".settings", "JUPYTERLAB_WORKSPACES_DIR": ".workspaces"}
    folders |= {"JUPYTER_CONFIG_DIR": ".config", "JUPYTER_RUNTIME_DIR": ".runtime"}
    folders |= {"IPYTHONDIR": ".ipython"}
    env = os.environ | {name: str(home / folder) for name, folder in folders.items()}
    command = [sys.executable, "-m", app, "--no-browser", "--allow-root", f"--port={port}", *flags]
    command += ["--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={token}"]
    log = home / f"{app}.log"
    with log.open("w") as out:
        command.append(f"--ServerApp.root_dir={home}")
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}/{{}}?token={token}"
        for _ in range(120):
            try:
                urllib.request.urlopen(address.format("api/status"), timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail(f"{app} did not start:\n{log.read_text()[-2000:]}")
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def lab(home):
    with serving(home, "jupyterlab", "--LabApp.expose_app_in_browser=True") as address:
        yield lambda name: address.format(f"doc/tree/{name}")


@pytest.fixture(scope="module")
def notebook(home):
    flag = "--JupyterNotebookApp.expose_app_in_browser=True"
    with serving(home, "notebook", flag) as address:
        yield lambda name: address.format(f"notebooks/{name}")


RUN_ALL = """async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
  const panel = () => jupyterapp.shell.currentWidget;
  while (panel()?.sessionContext?.session?.kernel?.status !== "idle") await pause();
  await jupyterapp.commands.execute("notebook:run-all-cells");
  await pause();
  return panel().content.model.sharedModel.toJSON().cells;
}"""


def run(page, address):
    """Open a notebook and run all of it; returns its cells with their outputs."""
    page.goto(address, timeout=90_000)
    page.locator(".jp-Notebook").wait_for(timeout=90_000)
    return page.evaluate(RUN_ALL)


def errors(cells):
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [output["evalue"] for output in outputs if output["output_type"] == "error"]


def says(page, words):
    """Wait until the scene says so."""
    page.locator(".bp-words", has_text=words).first.wait_for(timeout=20_000)


# — one training step, in JupyterLab —


def test_a_slider_moved_by_keys_moves_the_numbers_to_numpys(page, lab):
    assert errors(run(page, lab("hero.ipynb"))) == []
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
    run(page, notebook("hero.ipynb"))
    slider = page.get_by_label("η")
    slider.press("ArrowRight")
    assert slider.input_value() == "0.55"
    net, x, y, _ = mazur()
    after = update(net, backward(net, forward(net, x), y), 0.55)
    says(page, f"and {number(loss_of(after, x, y), 6)} after this step")


def test_a_click_on_an_edge_and_the_buttons_do_what_they_say(page, lab):
    run(page, lab("hero.ipynb"))
    page.locator("g[data-name=w1_2_1] text").click()
    says(page, "∂E/∂w⁽¹⁾₂₁")
    assert page.get_by_label("Look at").input_value() == "w1_2_1"
    page.get_by_role("button", name="Take the step").press("Enter")
    page.get_by_text("1 step taken").wait_for()
    says(page, "E = 0.280471,")  # Mazur's network with its biases updated too
    page.get_by_role("button", name="Start again").press("Enter")
    says(page, "E = 0.298371,")


def test_a_drag_ends_on_its_last_value_and_skips_what_is_too_fast(page, lab):
    run(page, lab("hero.ipynb"))
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


@pytest.mark.parametrize("lesson", [lesson.name for lesson in LESSONS])
def test_a_lesson_runs_without_an_error_and_its_widgets_answer(page, lab, lesson):
    assert errors(run(page, lab(lesson))) == []
    for scene in page.locator(".bp-scene:has(input, select, button)").all():
        before = scene.inner_html()
        control = scene.locator("input, select, button").first
        kind = control.evaluate("({ localName, value, max }) => localName + (value === max)")
        keys = {"inputfalse": "ArrowRight", "inputtrue": "ArrowLeft", "selectfalse": "ArrowDown"}
        control.press(keys.get(kind, "Enter"))
        element = scene.element_handle()
        script = "([scene, before]) => scene.innerHTML !== before"
        page.wait_for_function(script, arg=[element, before], timeout=20_000)


# — without JupyterLab —


def test_no_label_covers_another_in_a_real_font(page):
    net = Network.random([4, 4, 4, 2], "tanh", seed=2)
    trace = forward(net, [0.1, -0.2, 0.3, -0.4])
    page.set_content(diagram(net, trace, [0.5, -0.5], backward(net, trace, [0.5, -0.5])))
    covered = page.evaluate("""() => {
      const texts = [...document.querySelectorAll("svg text")];
      const boxes = texts.map((text) => text.getBBox());
      const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x
        || a.y + 0.8 * a.height <= b.y || b.y + 0.8 * b.height <= a.y;
      return texts.flatMap((text, k) => texts.slice(k + 1)
        .filter((_, n) => !apart(boxes[k], boxes[k + 1 + n]))
        .map((other) => text.textContent + " covers " + other.textContent));
    }""")
    assert covered == []


HOST = """async ([source, traits]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const listeners = {};
  window.sent = [];
  window.model = {
    get: (name) => traits[name],
    on: (event, listener) => (listeners[event] = listener),
    off: () => {},
    send: (message) => sent.push(message),
    answer: (changes) => { Object.assign(traits, changes); listeners["change:replies"](); },
    change: (changes) => { Object.assign(traits, changes); listeners["change:changes"](); },
  };
  (await import(url)).default.render({ model, el: document.body });
}"""


def host(page, **traits):
    """Show a scene on a page with no kernel behind it."""
    page.evaluate(HOST, [Scene._esm, {"html": "", "changes": [], "frames": [], **traits}])


def test_a_player_turns_its_frames_without_a_kernel(page):
    views = [View(f"<svg><title>picture {k}</title></svg>", "", f"step {k}") for k in range(3)]
    host(page, frames=list(Player(views).frames))
    page.get_by_role("button", name="Next").click()
    says(page, "step 1")
    page.get_by_label("Step").press("ArrowRight")
    says(page, "step 2")
    page.get_by_role("button", name="Back").click()
    says(page, "step 1")
    assert page.locator("svg title").text_content() == "picture 1"
    assert page.evaluate("sent") == []


def test_changes_touch_only_what_they_name(page):
    host(
        page, html='<p class="bp-words">one &lt; <b title="x">two</b></p><input name="s" value="1">'
    )
    page.evaluate("window.kept = document.querySelector('b')")
    page.evaluate(
        """model.answer({changes: [[0, 'p class="bp-words">1 &lt; '], [1, 'b title="y">two']]})"""
    )
    assert page.locator("p").text_content() == "1 < two"
    assert page.locator("b").get_attribute("title") == "y"
    page.evaluate("""model.change({changes: []})""")
    assert page.locator("p").text_content() == "one < two"
    assert page.evaluate("window.kept === document.querySelector('b') && kept.title === 'x'")


def test_new_html_keeps_the_control_that_has_the_focus(page):
    html = '<div class="bp-words">{}</div><select name="c"><option value="a"{}>A</option>'
    html += '<option value="b"{}>B</option></select>'
    host(page, html=html.format("<p>1</p>", ' selected=""', ""))
    page.locator("select").focus()
    page.evaluate(
        "html => model.answer({ html })", html.format("<p>2</p><p>3</p>", "", ' selected=""')
    )
    assert page.locator("p").all_text_contents() == ["2", "3"]
    assert page.locator("select").input_value() == "b"
    assert page.evaluate("document.activeElement.name") == "c"


def test_at_most_two_messages_are_under_way_and_the_newest_value_wins(page):
    host(page, html='<p class="bp-words"></p><input type="range" name="s" max="9" value="0">')
    move = """value => { const slider = document.querySelector("input");
      slider.value = value; slider.dispatchEvent(new Event("input", { bubbles: true })); }"""
    for value in range(1, 7):
        page.evaluate(move, value)
    assert page.evaluate("sent.map(({ moves }) => moves)") == [[["s", "1"]], [["s", "2"]]]
    for shown in "126":  # whatever the answers show, the control is not thrown back
        piece = f'input type="range" name="s" max="9" value="{shown}">'
        page.evaluate("piece => model.answer({changes: [[2, piece]]})", piece)
        assert page.evaluate("sent.at(-1).moves") == [["s", "6"]]
        assert page.locator("input").input_value() == "6"


def test_the_notebooks_shortcuts_do_not_get_the_arrow_keys(page):
    host(page, html='<p class="bp-words"></p><input type="range" name="s" max="9" value="0">')
    page.evaluate("document.addEventListener('keydown', () => (window.stolen = true))")
    page.locator("input").press("ArrowRight")
    assert page.evaluate("window.stolen") is None
    page.evaluate("html => model.answer({ html })", '<p class="bp-words"></p><input name="t">')
    assert page.locator("input").get_attribute("data-lm-suppress-shortcuts") == "true"


def test_the_words_are_read_aloud_once_the_picture_rests(page):
    host(page, html='<p class="bp-words">before</p><button name="go">Go</button>')
    live = page.locator("[aria-live=polite]")
    page.get_by_role("button").click()
    for word in ("one", "two", "three"):
        piece = f'p class="bp-words">{word}'
        page.evaluate("piece => model.answer({changes: [[0, piece]]})", piece)
        assert live.text_content() == ""
    page.wait_for_function("document.querySelector('[aria-live]').textContent === 'three'")
