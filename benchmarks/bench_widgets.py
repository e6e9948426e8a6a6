"""From a slider to the painted picture: widgets beside a bare label moved by the same slider.

All stand in one notebook in JupyterLab, in Chromium, and take turns. A slider that waits a while
may know the views at its next values already; so *next* (one step further, after a rest) is
measured apart from *jump* (to a far value, after another control was moved).
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

PROCESSORS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
import measure  # noqa: E402  (it keeps this process to one processor)

ROOT = Path(__file__).parent.parent
sys.path += [str(ROOT), str(ROOT / "tests")]
import lab  # noqa: E402
from browser import CHROMIUM, FLAGS  # noqa: E402

AIM, FASTEST_DRAG = 1.2, 15  # times the bare label's median; values a second
BARE = '''\
import anywidget, ipywidgets, traitlets

class Bare(anywidget.AnyWidget):
    _esm = """export default { render({ model, el }) {
      el.innerHTML = '<input class="bare" type="range" min="-2" max="2" step="0.01" value="0">';
      el.firstChild.addEventListener("input", ({ target }) => {
        model.set("value", Number(target.value));
        model.save_changes();
      });
    } }"""
    value = traitlets.Float().tag(sync=True, echo_update=False)

bare, label = Bare(), ipywidgets.Label("0.000")
label.add_class("bare-label")
bare.observe(lambda change: setattr(label, "value", f"{change['new']:.3f}"), "value")
ipywidgets.VBox([bare, label])
'''
WIDGET = """\
from backprop.examples import mazur
from backprop.widgets import {0}

{0}(*mazur())
"""
WAYS = {  # the slider, what it moves, and a control that makes it forget what it knows
    "bare label": ("input.bare", ".bare-label", ""),
    "explore_step": (
        ".jp-Cell:nth-child(2) input[name=value]",
        ".jp-Cell:nth-child(2) .bp-slider:has([name=value]) .bp-value",
        ".jp-Cell:nth-child(2) input[name=eta]",
    ),
    "step_through": (
        ".jp-Cell:nth-child(3) input[name=value]",
        ".jp-Cell:nth-child(3) .bp-slider:has([name=value]) .bp-value",
        ".jp-Cell:nth-child(3) input[name=eta]",
    ),
}
SCRIPT = """
window.bench = ([slider, watched, other]) => {
  const input = document.querySelector(slider);
  const frame = () => new Promise(requestAnimationFrame);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const put = (control, value) => {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const shown = () => Number(document.querySelector(watched).textContent.replace("−", "-"));
  const there = async (value) => {
    const end = performance.now() + 20000;
    while (Math.abs(shown() - value) > 1e-6) {
      if (performance.now() > end) throw `${slider} never came to ${value}, it is at ${shown()}`;
      await frame();
    }
    await frame(); // painted
  };
  const timed = async (value) => {
    const start = performance.now();
    put(input, value);
    await there(value);
    return performance.now() - start;
  };
  return {
    async next(n) {
      const times = [];
      for (let k = 0; k < n; k++) {
        if (k % 50 === 0) await timed(-0.5);
        await pause(150 + ((k * 37) % 90));
        times.push(await timed(Number((-0.49 + (k % 50) / 100).toFixed(2))));
      }
      return times;
    },
    async jump(n) {
      const times = [];
      for (let k = 0; k < n; k++) {
        const control = document.querySelector(other || "#none");
        if (control) put(control, k % 2 ? 0.5 : 0.55);
        await pause(600 + ((k * 37) % 90)); // what it asked for on the way is there
        times.push(await timed(Number(((k % 2 ? 1 : -1) * (0.8 + (k % 40) / 100)).toFixed(2))));
      }
      return times;
    },
    async drag(n) {
      const seen = new Set();
      await timed(0);
      const start = performance.now();
      for (let k = 1; k <= n; k++) {
        put(input, (k % 180) / 100);
        await frame();
        seen.add(shown());
      }
      const end = performance.now();
      await there((n % 180) / 100);
      return [(1000 * seen.size) / (end - start), performance.now() - end];
    },
  };
};
"""


def samples(page, rounds):
    """For each way and round: ms of each move of a kind, and (values a second, lag) of a drag."""
    page.add_script_tag(content=SCRIPT)
    found = {way: {"next": [], "jump": [], "drag": []} for way in WAYS}
    for _ in range(rounds):
        for kind, n in (("next", 25), ("jump", 12), ("drag", 240)):
            for way, places in WAYS.items():
                script = f"([places, n]) => bench(places).{kind}(n)"
                found[way][kind].append(page.evaluate(script, [places, n]))
    return found


def rows(quick):
    if not CHROMIUM:
        raise SystemExit("Chromium is not installed: apt install chromium")
    from playwright.sync_api import sync_playwright

    if PROCESSORS:  # server, kernel and browser take turns on all of them, as at a student's desk
        os.sched_setaffinity(0, PROCESSORS)
    cells = [BARE, *(WIDGET.format(way) for way in WAYS if way != "bare label")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        lab.furnish(home, {"widgets.ipynb": cells})
        os.environ["PYTHONPATH"] = str(ROOT)
        with lab.serving(home, "jupyterlab") as address:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            wrong = lab.errors(lab.run(page, address("widgets.ipynb")))
            if wrong:
                raise RuntimeError(f"the notebook did not run: {wrong}")
            for slider, *_ in WAYS.values():
                page.locator(slider).wait_for()
            page.wait_for_timeout(2000)
            found = samples(page, 2 if quick else 5)
            browser.close()
    return list(_summed_up(found))


def _summed_up(found):
    for way, kinds in found.items():
        row = {"widget": way}
        for kind in ("next", "jump"):
            times = sorted(ms for one in kinds[kind] for ms in one)
            row[f"{kind}, ms"] = statistics.median(times)
            row[f"{kind}, 95 %"] = times[int(0.95 * len(times))]
            medians = zip(kinds[kind], found["bare label"][kind], strict=True)
            ratio = statistics.median(map(_ratio, medians))
            row[f"{kind} / label"] = ratio
        row["drag, values/s"] = statistics.median(rate for rate, _ in kinds["drag"])
        row["lag after it, ms"] = statistics.median(lag for _, lag in kinds["drag"])
        met = max(row["next / label"], row["jump / label"]) <= AIM
        met = met and row["drag, values/s"] >= FASTEST_DRAG
        row[""] = "" if way == "bare label" else "met" if met else "missed"
        yield row


def _ratio(pair):
    one, other = map(statistics.median, pair)
    return one / other


if __name__ == "__main__":
    chosen = measure.options(__doc__.splitlines()[0])
    setting = measure.environment("anywidget", "jupyterlab")
    setting["threads"] = "as many as they like"
    measure.report(rows(chosen.quick), setting, chosen.json)
