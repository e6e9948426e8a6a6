// Shows HTML made in Python, changes in place what differs, and sends back what the reader moves.

const KEYS = "data-lm-suppress-shortcuts"; // Jupyter asks the element in focus: are its keys its own?
const parse = (html) => Object.assign(document.createElement("template"), { innerHTML: html }).content;
const plain = (text) => (text.includes("&") ? parse(text).textContent : text);
const pieces = (html) => html.split("<").slice(1); // as in scene.py: a tag and the text after it

// Give `old` the content of `fresh`. Elements stay, so that focus, scrolling and a drag survive.
function patch(old, fresh) {
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]]; // `fresh` loses what `old` takes
  after.forEach((node, k) => {
    const known = before[k];
    if (!known) old.append(node);
    else if (known.nodeName !== node.nodeName) known.replaceWith(node);
    else if (known.nodeType !== Node.ELEMENT_NODE) known.data = node.data;
    else {
      for (const { name } of [...known.attributes])
        if (!node.hasAttribute(name) && name !== "open" && name !== KEYS) known.removeAttribute(name);
      for (const { name, value } of node.attributes) set(known, name, value);
      patch(known, node);
    }
  });
  before.slice(after.length).forEach((node) => node.remove());
}

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// Make an element and the text after its tag what their piece of HTML says.
function touch([element, text], piece) {
  const [, tag, words] = piece.match(/^([^>]*)>([^]*)$/);
  if (element) for (const [, name, value] of tag.matchAll(/([\w:-]+)="([^"]*)"/g)) set(element, name, plain(value));
  if (text && text.data !== plain(words)) text.data = plain(words);
}

// The element and the text that each piece made; nothing at all where pieces and nodes do not match.
function nodesOf(root, all) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const next = (wanted, fits) => (!wanted ? null : fits(walker.nextNode() ?? root) ? walker.currentNode : undefined);
  const nodes = all.map((piece) => {
    const [tag, words] = [piece.match(/^[\w:]*/)[0], plain(piece.slice(piece.indexOf(">") + 1))];
    return [next(tag, ({ localName }) => localName === tag), next(words, ({ data }) => data === words)];
  });
  return nodes.flat().includes(undefined) ? null : nodes;
}

function render({ model, el }) {
  const [root, live] = [document.createElement("div"), document.createElement("div")];
  root.className = "bp-scene";
  live.className = "bp-live";
  live.ariaLive = "polite";
  el.replaceChildren(root, live);

  const frames = model.get("frames");
  let whole = null, all = [], nodes = null, now = new Map(); // what is shown: HTML, its pieces, their nodes, changes
  let moves = [], moved = false, underway = [], sent = 0, frame = 0, quiet = 0, playing = 0;

  function show() {
    const html = frames.length ? frames[frame] : model.get("html");
    const changes = new Map(frames.length ? [] : model.get("changes"));
    if (html !== whole || (!nodes && changes.size + now.size)) {
      [whole, all, now] = [html, pieces(html), new Map()];
      patch(root, parse(html));
      nodes = nodesOf(root, all);
      if (!nodes) patch(root, parse(all.map((piece, k) => `<${changes.get(k) ?? piece}`).join("")));
    }
    for (const k of nodes ? new Set([...now.keys(), ...changes.keys()]) : []) {
      const piece = changes.get(k) ?? all[k];
      if (piece !== (now.get(k) ?? all[k])) touch(nodes[k], piece);
    }
    now = changes;
    for (const control of root.querySelectorAll("input, select")) {
      if ([moves, ...underway].flat().some(([name]) => name === control.name)) continue; // newer than what is shown
      const value = (control.querySelector("option[selected]") ?? control).getAttribute("value");
      if (value !== null && control.value !== value) control.value = value;
    }
    clearTimeout(quiet); // the words are read out once the picture rests, not at every step of a drag
    if (moved) quiet = setTimeout(() => (live.textContent = root.querySelector(".bp-words").textContent), 700);
  }

  // At most two messages under way, and always the newest value: a slow kernel skips values, but never lags behind.
  // The server keeps a small answer back until the page says something (Nagle's algorithm, up to 40 ms). While one
  // drags, the next value says it; after a single key press an empty message does, if the answer is late.
  function send() {
    const lost = performance.now() - sent > 3000;
    if (!moves.length || (underway.length > 1 && !lost)) return;
    [underway, sent] = [lost ? [moves] : [...underway, moves], performance.now()];
    const late = () => underway.length === 1 && model.send({ moves: [] });
    const status = ({ content }) => content.execution_state === "busy" && setTimeout(late, 10);
    model.send({ moves }, { iopub: { status } });
    moves = [];
  }
  function move(name, value, counts) {
    moved = true;
    if (frames.length) return turn(name, value);
    const last = moves.at(-1);
    if (!counts && last?.[0] === name) last[1] = value;
    else moves.push([name, value]);
    send();
  }
  const answered = () => {
    underway.shift();
    show();
    send();
  };

  // A scene that carries its frames turns them by itself, without a kernel.
  function turn(name, value) {
    clearInterval(playing);
    playing = name === "play" && !playing ? setInterval(go, 1500, 1) : 0;
    if (playing && frame === frames.length - 1) go(-frame); // over again
    else if (name === "frame") go(value - frame);
    else go({ back: -1, next: 1 }[name] ?? 0);
  }
  function go(by) {
    frame = Math.min(Math.max(frame + by, 0), frames.length - 1);
    if (frame === frames.length - 1) playing = clearInterval(playing) ?? 0;
    show();
  }

  root.addEventListener("input", ({ target }) => move(target.name, target.value, false));
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button[name]"), part = target.closest("[data-name]");
    if (button) move(button.name, button.value, true);
    else if (part) move("pick", part.dataset.name, true);
  });
  root.addEventListener("focusin", ({ target }) => set(target, KEYS, "true"));
  root.addEventListener("keydown", (event) => event.stopPropagation()); // arrows are for the controls, not for cells
  const heard = { "change:html": show, "change:changes": show, "change:replies": answered };
  for (const [event, listener] of Object.entries(heard)) model.on(event, listener);
  show();
  return () => {
    clearTimeout(quiet);
    clearInterval(playing);
    for (const [event, listener] of Object.entries(heard)) model.off(event, listener);
  };
}

export default { render };
