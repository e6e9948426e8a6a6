// Asks for the views at a slider's next values before it gets there, so that a move to one is shown at once.
// They hold as long as nothing but this slider moves: whatever else happens, they are forgotten.

const NEAR = Array.from({ length: 20 }, (_, n) => [2 * n + 1, 2 * n + 2, -n - 1]).flat(); // steps: more forward than back

function lookAhead(model, ready) {
  let slider = null, way = 1, at = 0; // what moves, in which direction, and where it was
  let known = new Map(), asked = null, state = {}; // a new object for a state of which nothing is known
  let waiting = false; // a first move goes before all questions

  function forget() {
    [known, state] = [new Map(), {}];
  }
  function seen(name, value) {
    if (name !== slider?.name) {
      slider = null;
      forget();
    }
    return known.get(value);
  }
  function look(control, busy) {
    if (control.type !== "range") return;
    if (control.name !== slider?.name) {
      forget();
      [at, waiting] = [control.value, busy];
    }
    [slider, way, at] = [control, Math.sign(control.value - at) || way, control.value];
    ask();
  }
  function answered() {
    waiting = false;
    ask();
  }
  function ask() {
    if (waiting || asked || !ready() || !slider?.isConnected) return;
    const values = nearest().filter((value) => !known.has(value)).slice(0, 16);
    if (!values.length) return;
    asked = { state, ahead: Math.random() }; // other pages hear the answer too
    model.send({ ahead: asked.ahead, name: slider.name, values });
  }
  function nearest() {
    const probe = slider.cloneNode(); // the browser itself rounds and writes the values
    const values = NEAR.map((steps) => {
      probe.value = at;
      probe.stepUp(steps * way);
      return probe.value;
    });
    return [...new Set(values)];
  }
  function hear({ ahead, views }) {
    if (ahead !== asked?.ahead) return;
    const late = asked.state !== state;
    asked = null;
    if (!late) for (const [value, changes] of views) known.set(value, changes);
    if (late || views.length) ask(); // not after no view at all: drawing takes too long
  }
  model.on("msg:custom", hear);
  return { look, answered, seen, forget, stop: () => model.off("msg:custom", hear) };
}
