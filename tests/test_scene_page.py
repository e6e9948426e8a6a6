"""Does the page of a scene show, patch, send and turn? In a real browser, with no kernel."""

from browser import says

from backprop import Network, backward, forward
from backprop.diagram import diagram
from backprop.widgets import Player, Scene, View


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
