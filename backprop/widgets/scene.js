// Shows HTML made in Python, changes in place what differs, and sends back what the reader moves.

const KEYS = "data-lm-suppress-shortcuts"; // Jupyter asks the element in focus: are its keys its own?
const OURS = new Set([KEYS, "open", "tabindex"]); // attributes that Python knows nothing of
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
        if (!node.hasAttribute(name) && !OURS.has(name)) known.removeAttribute(name);
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

  let whole = null, all = [], nodes = null, now = new Map(); // what is shown: HTML, its pieces, their nodes, changes
  let moves = [], underway = [], sent = 0, replies = model.get("replies"), guess = null; // moves not yet answered
  let frame = 0, playing = 0, moved = false, quiet = 0;
  const frames = model.get("frames"), ahead = lookAhead(model, () => !frames.length && !moves.length);

  function show() {
    const turned = frames[frame] ?? guess?.changes ?? model.get("changes"); // HTML, or where it differs from the first
    const html = typeof turned === "string" ? turned : (frames[0] ?? model.get("html"));
    const changes = new Map(typeof turned === "string" ? [] : turned);
    if (html !== whole || (!nodes && changes.size + now.size)) {
      [whole, all, now] = [html, pieces(html), new Map()];
      const focused = root.contains(document.activeElement) ? document.activeElement.name : null;
      patch(root, parse(html));
      if (focused && !root.contains(document.activeElement)) // its place in the page went to another control
        root.querySelector(`[name="${focused}"]`)?.focus();
      nodes = nodesOf(root, all);
      if (!nodes) patch(root, parse(all.map((piece, k) => `<${changes.get(k) ?? piece}`).join("")));
    }
    for (const k of nodes ? new Set([...now.keys(), ...changes.keys()]) : []) {
      const piece = changes.get(k) ?? all[k];
      if (piece !== (now.get(k) ?? all[k])) touch(nodes[k], piece);
    }
    now = changes;
    const newer = [...underway.flat(), ...moves]; // than what is shown
    newer.splice(0, newer.indexOf(guess?.move) + 1);
    for (const control of root.querySelectorAll("input, select")) {
      if (newer.some(([name]) => name === control.name)) continue;
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
    const [next, changes] = [[name, value], ahead.seen(name, value)];
    if (!counts && moves.at(-1)?.[0] === name) moves.pop();
    moves.push(next);
    if (changes) guess = { changes, move: next, moves };
    if (changes) show();
    send();
  }
  // What was shown ahead stays until the kernel has answered that very move, then what it says is shown.
  function heard() {
    const mine = underway.length && model.get("replies") !== replies;
    replies = model.get("replies");
    if (mine) underway.shift();
    const other = !mine || model.get("html") !== whole; // than what was known when we looked ahead
    if (other) ahead.forget();
    if (other || ![...underway, moves].includes(guess?.moves)) guess = null;
    show();
    send();
    ahead.answered();
  }

  // A scene that carries its frames turns them by itself, without a kernel.
  function turn(name, value) {
    clearInterval(playing);
    playing = name === "play" && !playing ? setInterval(go, model.get("pace"), 1) : 0;
    if (playing && frame === frames.length - 1) go(-frame); // over again
    else if (name === "frame") go(value - frame);
    else go({ back: -1, next: 1 }[name] ?? 0);
  }
  function go(by) {
    frame = Math.min(Math.max(frame + by, 0), frames.length - 1);
    if (frame === frames.length - 1) playing = clearInterval(playing) ?? 0;
    show();
  }

  root.addEventListener("input", ({ target }) => {
    move(target.name, target.value, false);
    ahead.look(target, underway.length > 0);
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button[name]"), part = target.closest("[data-name]");
    if (button) move(button.name, button.value, true);
    else if (part) move("pick", part.dataset.name, true);
  });
  root.addEventListener("focusin", ({ target }) => {
    set(target, KEYS, "true");
    ahead.look(target, underway.length > 0);
  });
  root.addEventListener("pointerover", ({ target, buttons }) => buttons || ahead.look(target, underway.length > 0));
  root.addEventListener("keydown", (event) => event.stopPropagation()); // arrows are for the controls, not for cells
  model.on("change", heard);
  show();
  const sized = new ResizeObserver(() => { // what does not fit scrolls, and keys can scroll what they can reach
    for (const part of root.querySelectorAll(".bp-picture, .bp-text"))
      if (part.scrollWidth > part.clientWidth) set(part, "tabindex", "0");
      else part.removeAttribute("tabindex");
  });
  sized.observe(root);
  return () => {
    sized.disconnect();
    clearTimeout(quiet);
    clearInterval(playing);
    ahead.stop();
    model.off("change", heard);
  };
}

export default { render };
