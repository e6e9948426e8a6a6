"""Does the page of a scene show, patch, send and turn? In a real browser, with no kernel."""

import html
import re

import pytest
from browser import says

from backprop import Network, backward, forward
from backprop.diagram import diagram
from backprop.examples import mazur
from backprop.widgets import Player, Scene, View, explore_step, step_through


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
    change: (changes) => { Object.assign(traits, changes); listeners.change(); },
    answer: (changes) => model.change({ ...changes, replies: traits.replies + 1 }),
    tell: (message) => listeners["msg:custom"](message),
  };
  (await import(url)).default.render({ model, el: document.body });
}"""


MOVES = "sent.flatMap(({ moves }) => (moves ? [moves] : []))"  # as the kernel gets them


def host(page, **traits):
    """Show a scene on a page with no kernel behind it."""
    none = {"html": "", "changes": [], "frames": [], "pace": 1500, "replies": 0}
    page.evaluate(HOST, [Scene._esm, none | traits])


def numbered():
    """A player with three views, and one of another structure."""
    views = [View(f"<svg><title>picture {k}</title></svg>", "", f"step {k}") for k in range(3)]
    return Player([*views, View("<p>another structure</p>", "", "step 3 </script>")], pace=50)


def test_a_player_turns_its_frames_without_a_kernel(page):
    host(page, frames=numbered().frames, pace=50)
    turned_by_every_control(page.locator("body"))
    assert page.evaluate("sent") == []


def turned_by_every_control(player):
    """Turn the numbered views with the buttons and the slider, and let them play."""
    player.get_by_role("button", name="Next").click()
    says(player, "step 1")
    player.get_by_label("Step", exact=True).press("ArrowRight")
    says(player, "step 2")
    player.get_by_role("button", name="Back").click()
    says(player, "step 1")
    assert player.locator("svg title").text_content() == "picture 1"
    player.get_by_role("button", name="Play").click()
    says(player, "step 3 </script>")
    assert player.locator(".bp-picture p").text_content() == "another structure"
    player.get_by_role("button", name="Start again").click()
    says(player, "step 0")
    assert player.locator("svg title").text_content() == "picture 0"


PLAYERS = """\
from backprop.widgets import Player, View

views = [View(f"<svg><title>picture {k}</title></svg>", "", f"step {k}") for k in range(3)]
player = Player([*views, View("<p>another structure</p>", "", "step 3 </script>")], pace=50)
display(player, player)
"""


@pytest.fixture(scope="module")
def ran():
    """A notebook that shows two players, run, without the state of its widgets."""
    nbformat, nbconvert = map(pytest.importorskip, ("nbformat", "nbconvert.preprocessors"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PLAYERS)])
    nbconvert.ExecutePreprocessor(store_widget_state=False).preprocess(notebook)
    return notebook


@pytest.mark.parametrize("exporter", ["HTMLExporter", "SlidesExporter"])
def test_players_turn_on_an_exported_page(page, ran, tmp_path, exporter):
    exported, _ = getattr(pytest.importorskip("nbconvert"), exporter)().from_notebook_node(ran)
    (tmp_path / "page.html").write_text(exported, encoding="utf-8")
    page.route("http*://**", lambda route: route.abort())  # from a disk, with no network,
    page.add_init_script("window.require = () => {}")  # where a page's own libraries are missing
    page.goto((tmp_path / "page.html").as_uri())
    first, second = page.locator(".jp-RenderedHTMLCommon:has(> div > .bp-scene)").all()
    turned_by_every_control(second)
    says(first, "step 0")
    turned_by_every_control(first)


def test_a_player_stands_still_where_no_script_runs(page):
    html = numbered()._repr_mimebundle_()[0]["text/html"]
    still = page.context.browser.new_context(java_script_enabled=False).new_page()
    still.set_content(html)
    assert still.locator(".bp-words").text_content() == "step 0"
    assert still.locator("input, button").count() == 0
    still.context.close()


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
    assert page.evaluate(MOVES) == [[["s", "1"]], [["s", "2"]]]
    for shown in "126":  # whatever the answers show, the control is not thrown back
        piece = f'input type="range" name="s" max="9" value="{shown}">'
        page.evaluate("piece => model.answer({changes: [[2, piece]]})", piece)
        assert page.evaluate(MOVES)[2:] == [[["s", "6"]]]
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


# — looking ahead —

SLIDER = 'input type="range" name="s" min="-1" max="1" step="0.1" value="{}">'
ASKED = "sent.filter(({ ahead }) => ahead)"


def slider_with_words(page):
    """A slider at 0, with words; what the page asks ahead when the slider has the focus."""
    host(page, html=f'<p class="bp-words">at 0</p><{SLIDER.format(0)}<input type="range" name="t">')
    page.locator("[name=s]").focus()
    return page.evaluate(f"{ASKED}.at(-1)")


def told(page, asked, said):
    """The kernel answers with the words that `said` has for some of the values."""
    views = [
        [value, [[0, f'p class="bp-words">{words}'], [2, SLIDER.format(value)]]]
        for value, words in said.items()
    ]
    page.evaluate("answer => model.tell(answer)", {"ahead": asked["ahead"], "views": views})


def words(page):
    return page.locator(".bp-words").text_content()


def test_values_are_asked_for_as_the_slider_will_have_them(page):
    asked = slider_with_words(page)
    assert asked["name"] == "s"
    assert asked["values"][:6] == ["0.1", "0.2", "-0.1", "0.3", "0.4", "-0.2"]
    told(page, asked, dict.fromkeys(asked["values"], "seen"))
    assert page.evaluate(f"{ASKED}.length") == 2  # the rest of the range, and then no more
    rest = page.evaluate(f"{ASKED}.at(-1)")
    told(page, rest, dict.fromkeys(rest["values"], "seen"))
    assert page.evaluate(f"{ASKED}.length") == 2
    others = [f"{k / 10:g}" for k in range(-10, 11) if k]
    assert sorted(asked["values"] + rest["values"]) == sorted(others)


def test_a_value_seen_ahead_is_shown_at_once_and_the_kernel_has_the_last_word(page):
    told(page, slider_with_words(page), {"0.1": "ahead at 0.1", "0.2": "ahead at 0.2"})
    for value in ("0.1", "0.2"):
        page.locator("[name=s]").press("ArrowRight")
        assert words(page) == f"ahead at {value}"
    assert page.evaluate(MOVES) == [[["s", "0.1"]], [["s", "0.2"]]]  # told all the same
    answer = "piece => model.answer({ changes: [[0, piece]] })"
    page.evaluate(answer, 'p class="bp-words">true at 0.1')
    assert words(page) == "ahead at 0.2"  # not back to where the slider was
    page.evaluate(answer, 'p class="bp-words">true at 0.2')
    assert words(page) == "true at 0.2"


def test_a_value_not_seen_ahead_waits_for_the_kernel(page):
    told(page, slider_with_words(page), {"0.1": "ahead at 0.1"})
    for _ in range(2):
        page.locator("[name=s]").press("ArrowRight")
    assert words(page) == "ahead at 0.1"
    page.evaluate("""model.answer({ changes: [[0, 'p class="bp-words">true at 0.1']] })""")
    assert words(page) == "true at 0.1"
    assert page.locator("[name=s]").input_value() == "0.2"


OTHERS = {
    "another slider": "document.querySelector('[name=t]')"
    ".dispatchEvent(new Event('input', { bubbles: true }))",
    "Python": """model.change({ changes: [[0, 'p class="bp-words">at 0']] })""",
    "new HTML": """model.answer({ html: model.get("html") + "<p>more</p>", changes: [] })""",
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_was_seen_ahead_is_forgotten_when_anything_else_moves(page, other):
    told(page, slider_with_words(page), {"0.1": "ahead"})
    page.evaluate(OTHERS[other])
    page.locator("[name=s]").press("ArrowRight")
    assert words(page) == "at 0"


@pytest.mark.parametrize("other", OTHERS)
def test_an_answer_about_a_state_that_is_gone_is_dropped(page, other):
    asked = slider_with_words(page)
    page.evaluate(OTHERS[other])
    told(page, asked, {"0.1": "ahead"})
    page.locator("[name=s]").press("ArrowRight")
    assert words(page) == "at 0"


def test_one_question_is_asked_at_a_time_and_none_ahead_of_a_move(page):
    asked = slider_with_words(page)
    for _ in range(4):
        page.locator("[name=s]").press("ArrowRight")
    assert page.evaluate(f"{ASKED}.length") == 1
    told(page, asked, {"0.5": "ahead"})
    assert page.evaluate(f"{ASKED}.length") == 1  # two moves under way, and two to be sent
    page.evaluate("model.answer({})")
    assert page.evaluate("sent.at(-1).name") == "s"
    assert page.evaluate("sent.at(-2).moves") == [["s", "0.4"]]


def test_a_kernel_that_has_no_time_is_not_asked_again_at_once(page):
    told(page, slider_with_words(page), {})
    assert page.evaluate(f"{ASKED}.length") == 1


# — the page and a real scene —


def answer(page, scene):
    """Do for the page what the kernel does: hand over what it sent, and bring back what changed."""
    told, scene.send = [], lambda message: told.append(message)
    for message in page.evaluate("sent.splice(0)"):
        replies = scene.replies
        scene._receive(scene, message, [])
        if scene.replies > replies:
            traits = {"html": scene.html, "changes": scene.changes}
            page.evaluate("traits => model.answer(traits)", traits)
        for views in told:
            page.evaluate("views => model.tell(views)", views)
        told.clear()


def text(page):
    return page.locator(".bp-scene").text_content()


def written(view):
    """The text of a view, as a page has it."""
    return html.unescape(re.sub("<[^>]*>", "", view.html()))


def test_the_page_of_a_stepper_is_whole_after_every_step(page):
    scene = step_through(*mazur())
    host(page, html=scene.html)
    legends = page.locator("legend").all_text_contents()
    assert "Training step 1" in legends
    for _ in range(9):
        page.locator("button[name=next]").click()
        answer(page, scene)
        assert text(page) == written(scene.view)
        assert page.locator("legend").all_text_contents() == legends


def test_a_slider_of_a_real_scene_sees_ahead_what_the_scene_then_says(page, monkeypatch):
    monkeypatch.setattr("backprop.widgets.scene.AHEAD", 60.0)
    scene = explore_step(*mazur())
    host(page, html=scene.html)
    page.locator("[name=value]").focus()
    answer(page, scene)
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.locator("[name=value]").press(key)
        ahead = text(page)
        answer(page, scene)
        assert ahead == text(page) == written(scene.view)
