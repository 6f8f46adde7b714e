// Shows parts of HTML and SVG that Python made, and reports what is done with them.
// Python's part is canvas.py; what an act means, workbench.py says.

const ITEMS = "[data-act], [data-copy], [data-zoom]";
const PATIENCE = 250; // ms until a click counts as waiting
const PACE = 800; // ms a step, when playing
const EDGE = 28; // px of a box that its edges shade, where there is more
const ZOOMS = [0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.6, 2, 3];

const keyOf = (item) => ["act", "arg", "copy", "zoom"].map((name) => item.dataset[name] ?? "").join("\n");
const bounded = (value, low, high) => Math.max(low, Math.min(high, value));

function render({ model, el }) {
  let sent = 0;
  let patience = 0;
  let queued = null; // the newest place of a slider that moves faster than the answers come
  let player = 0;
  let zoom = 1;
  let fits = false; // whether the whole map is to be seen, whatever its size
  let drag = null;
  const stop = new AbortController();
  const { signal } = stop;

  // --- to Python, and back

  function send(act, arg = "") {
    sent = Math.max(sent, model.get("answered")) + 1;
    clearTimeout(patience);
    try {
      model.send({ act, arg, number: sent });
    } catch {
      return say(model.get("lost"));
    }
    patience = setTimeout(() => say(model.get("patience")), PATIENCE);
  }

  function say(text) {
    for (const place of el.querySelectorAll("[data-waiting]")) place.textContent = text;
  }

  const waits = () => model.get("answered") < sent;

  function answered() {
    if (waits()) return;
    clearTimeout(patience);
    say("");
    if (queued !== null) {
      const arg = queued;
      queued = null;
      send("step", arg);
    }
  }

  function save({ name, type, text }) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // --- the parts

  // All that has changed at once, and what is measured last: the browser then lays the page out once.
  function fill(parts) {
    const active = el.getRootNode().activeElement;
    const held = active && parts.find((part) => part.contains(active));
    const key = held && keyOf(active);
    const menu = held && active.closest("details.ddd-menu")?.dataset.keep;
    for (const part of parts) {
      const fresh = document.createElement("template");
      fresh.innerHTML = model.get(part.dataset.part);
      dress(fresh.content, part);
      adaptChildren(part, fresh.content);
      for (const option of part.querySelectorAll("option[selected]")) option.selected = true; // not what was chosen last
    }
    if (fits) el.querySelectorAll("[data-pan]").forEach(fit);
    for (const part of parts) part.querySelectorAll("[data-reveal]").forEach((item) => reveal(item));
    el.querySelectorAll("[data-edges]").forEach(hint);
    if (held) refocus(held, key, menu);
  }

  const changed = new Set();

  function fillSoon(part) {
    if (!changed.size) queueMicrotask(() => fill([...changed].filter((each) => changed.delete(each))));
    changed.add(part);
  }

  // What this script, and not Python, has to say of a part.
  function dress(fresh, part) {
    const open = new Set([...part.querySelectorAll("details[open]")].map((box) => box.dataset.keep));
    for (const box of fresh.querySelectorAll("details")) box.open = open.has(box.dataset.keep);
    fresh.querySelectorAll("[data-pan]").forEach(scale);
    fresh.querySelectorAll("[data-roving]").forEach((box) => rove(box));
    showPlaying(fresh);
  }

  // What is as it was stays there: the browser need not style, lay out and paint it again.
  function adaptChildren(old, fresh) {
    const [places, nodes] = [[...old.childNodes], [...fresh.childNodes]];
    nodes.forEach((node, index) => (places[index] ? adapt(places[index], node) : old.append(node)));
    for (const place of places.slice(nodes.length)) place.remove();
  }

  function adapt(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    const goesOn = old.nodeName === fresh.nodeName && old.dataset?.scroll === fresh.dataset?.scroll;
    // A slider that is being dragged has to stay where it is.
    if (!goesOn || !(old.firstElementChild || old.matches?.("input:active"))) return old.replaceWith(fresh);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
    adaptChildren(old, fresh);
  }

  function refocus(part, held, menu) {
    const items = [...part.querySelectorAll(ITEMS)];
    const head = menu && part.querySelector(`details[data-keep="${menu}"] > summary`); // of what was switched off in it
    const item = items.find((each) => keyOf(each) === held) ?? (head || part.querySelector("[aria-current]")) ?? items[0];
    if (!item) return;
    const box = item.closest("[data-roving]");
    if (box) rove(box, item);
    item.focus({ preventScroll: true });
  }

  // Scrolls the box around an item, and never the notebook.
  function reveal(item) {
    const box = item.closest("[data-scroll]");
    if (!box) return;
    if (box.matches("[data-pan]") && item.dataset.reveal) return revealPath(box, item);
    const [a, b] = [item.getBoundingClientRect(), box.getBoundingClientRect()];
    if (a.top < b.top || a.bottom > b.bottom) box.scrollTop += a.top - b.top - (b.height - a.height) / 2;
    if (a.left < b.left || a.right > b.right) box.scrollLeft += a.left - b.left - (b.width - a.width) / 2;
  }

  // With what a step is about as much of its path as there is room for, where its beginning need not be cut off.
  // What somebody has scrolled to stays, as long as the step does.
  function revealPath(box, item) {
    const seen = `${item.dataset.reveal} ${item.ownerSVGElement.getAttribute("viewBox")} ${box.clientWidth}`;
    if (!box.clientWidth || revealed.get(box) === seen) return;
    revealed.set(box, seen);
    const path = [item, ...box.querySelectorAll(":is(.on, .failed)[data-act]")].map((each) => each.getBoundingClientRect());
    const around = box.getBoundingClientRect();
    for (const [near, far, at, size] of [["left", "right", "scrollLeft", "clientWidth"], ["top", "bottom", "scrollTop", "clientHeight"]]) {
      const room = box[size] - 2 * EDGE;
      const begin = Math.min(...path.map((each) => each[near]));
      const end = Math.max(...path.map((each) => each[far]));
      const from = Math.max(begin, Math.min(path[0][far], end) - room); // what the step is about is in it
      const to = Math.min(end, from + room);
      const [first, last] = [around[near] + EDGE, around[near] + EDGE + room];
      if (to > last) box[at] += Math.min(to - last, from - first);
      else if (from < first) box[at] += from - first;
    }
  }

  const revealed = new WeakMap();

  // On which sides of a box there is more than it shows; its style sheet tells it.
  function hint(box) {
    const { scrollLeft, scrollTop, clientWidth, clientHeight, scrollWidth, scrollHeight } = box;
    const more = {
      left: scrollLeft > 1,
      right: scrollLeft + clientWidth < scrollWidth - 1,
      up: scrollTop > 1,
      down: scrollTop + clientHeight < scrollHeight - 1,
    };
    const sides = Object.keys(more).filter((side) => more[side]).join(" ");
    if (box.dataset.edges !== sides) box.dataset.edges = sides;
  }

  // One item of a long list is a stop of the Tab key; up and down lead to the others.
  function rove(box, item) {
    const items = [...box.querySelectorAll(ITEMS)].filter((each) => !each.matches("select, input")); // up and down are theirs
    const stopAt = item ?? box.querySelector("[aria-current]") ?? items[0];
    for (const each of items) each.tabIndex = each === stopAt ? 0 : -1;
  }

  function moveFocus(item, by) {
    const box = item.closest("[data-roving]");
    if (!box) return false;
    const items = [...box.querySelectorAll(ITEMS)].filter((each) => each.getClientRects().length);
    const next = items[bounded(items.indexOf(item) + by, 0, items.length - 1)];
    rove(box, next);
    next.focus({ preventScroll: true });
    reveal(next);
    return true;
  }

  // --- zoom and pan: the box scrolls, the picture grows

  function scale(box) {
    const svg = box.querySelector("svg");
    if (!svg) return;
    const { width, height } = svg.viewBox.baseVal;
    svg.style.width = `${width * zoom}px`;
    svg.style.height = `${height * zoom}px`;
  }

  function zoomTo(box, next) {
    const middle = (box.scrollLeft + box.clientWidth / 2) / zoom;
    const level = (box.scrollTop + box.clientHeight / 2) / zoom;
    zoom = next;
    scale(box);
    box.scrollLeft = middle * zoom - box.clientWidth / 2;
    box.scrollTop = level * zoom - box.clientHeight / 2;
  }

  function zoomBy(how) {
    const box = el.querySelector("[data-pan]");
    if (!box?.querySelector("svg")) return;
    fitting(how === "fit");
    const next = { in: ZOOMS.find((each) => each > zoom), out: ZOOMS.findLast((each) => each < zoom), one: 1 }[how];
    if (fits) fit(box);
    else if (next) zoomTo(box, next);
    hint(box);
  }

  // The whole map, from its corner; the box is as high as it may be, not as it is, and without its scroll bars.
  function fit(box) {
    const { width, height } = box.querySelector("svg")?.viewBox.baseVal ?? {};
    box.dataset.fits = ""; // it may be higher then
    const look = getComputedStyle(box);
    const across = box.offsetWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
    if (!width || across <= 0) return;
    zoom = Math.min(1, (across - 1) / width, (parseFloat(look.maxHeight) - 1) / height);
    scale(box);
    box.scrollTo(0, 0);
  }

  function fitting(whole) {
    fits = whole;
    if (!fits) for (const box of el.querySelectorAll("[data-fits]")) delete box.dataset.fits;
  }

  function scrollOn(box, side) {
    const [x, y] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[side];
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    box.scrollBy({ left: x * 0.7 * box.clientWidth, top: y * 0.7 * box.clientHeight, behavior });
  }

  // --- play

  function play() {
    if (player) return pause();
    if (model.get("at_end")) send("go", "first");
    player = setInterval(() => (model.get("at_end") ? pause() : waits() || send("go", "forward")), PACE);
    showPlaying();
  }

  function pause() {
    clearInterval(player);
    player = 0;
    showPlaying();
  }

  function showPlaying(root = el) {
    for (const button of root.querySelectorAll("[data-act=play]")) {
      button.dataset.rest ??= button.textContent;
      button.textContent = player ? button.dataset.pause : button.dataset.rest;
    }
  }

  // --- what people do

  function act(item) {
    const { act: what, arg } = item.dataset;
    if (what === "play") return play();
    pause();
    send(what, arg);
  }

  // All but the one that somebody is in; whether there was one to close.
  function closeMenus(within) {
    const open = [...el.querySelectorAll("details.ddd-menu[open]")].filter((menu) => !within || !menu.contains(within));
    for (const menu of open) {
      const held = menu.contains(el.getRootNode().activeElement);
      menu.open = false;
      if (held) menu.querySelector("summary").focus({ preventScroll: true });
    }
    return open.length > 0;
  }

  async function copy(item) {
    await navigator.clipboard.writeText(item.dataset.copy).catch(() => copyTheOldWay(item.dataset.copy));
    item.dataset.rest ??= item.textContent;
    item.textContent = "copied";
    setTimeout(() => (item.textContent = item.dataset.rest), 1500);
  }

  // Pages without https have no clipboard.
  function copyTheOldWay(text) {
    const area = el.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  const on = (name, listener, options) => el.addEventListener(name, listener, { signal, ...options });

  on("click", ({ target }) => {
    const edge = target.closest("[data-edge]");
    if (edge) return scrollOn(edge.parentElement.querySelector("[data-pan]"), edge.dataset.edge);
    const item = target.closest(ITEMS);
    if (!item || item.matches("select, input")) return;
    const box = item.closest("[data-roving]");
    if (box) rove(box, item);
    if (item.dataset.copy !== undefined) copy(item);
    else if (item.dataset.zoom) zoomBy(item.dataset.zoom);
    else act(item);
    closeMenus(item.closest("[data-stays]"));
  });

  window.addEventListener("pointerdown", ({ target }) => closeMenus(target), { signal });

  on("change", ({ target }) => target.matches("select[data-act]") && send(target.dataset.act, target.value));

  on("input", ({ target }) => {
    if (!target.matches("input[type=range][data-act]")) return;
    pause();
    if (waits()) queued = target.value;
    else send(target.dataset.act, target.value);
  });

  on("keydown", (event) => {
    const { key, target } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || target.matches("textarea, input:not([type=range])")) return;
    if (target.matches("select") && (key !== "Escape" || !target.closest(".ddd-menu"))) return;
    const go = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" }[key];
    const item = target.closest(ITEMS);
    if (go) {
      pause();
      send("go", go);
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      if (!item || !moveFocus(item, key === "ArrowDown" ? 1 : -1)) return;
    } else if ((key === "Enter" || key === " ") && item && !item.matches("button, summary")) {
      item.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    } else if (key === "Escape") {
      if (!closeMenus(null)) send("clear");
    } else if ("+-0".includes(key) && target.closest("[data-pan]")) {
      zoomBy({ "+": "in", "-": "out", 0: "one" }[key]);
    } else return;
    event.preventDefault();
  });

  on("pointerdown", (event) => {
    const box = event.target.closest("[data-pan]");
    if (!box || event.button || event.pointerType === "touch" || event.target.closest(ITEMS)) return;
    drag = { box, x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
    box.setPointerCapture(event.pointerId);
  });

  on("pointermove", (event) => {
    if (!drag) return;
    drag.box.scrollLeft = drag.x - event.clientX;
    drag.box.scrollTop = drag.y - event.clientY;
  });

  for (const name of ["pointerup", "pointercancel"]) on(name, () => (drag = null));

  on("wheel", (event) => {
    const box = event.target.closest("[data-pan]");
    if (!box || !event.ctrlKey) return; // a plain wheel scrolls
    event.preventDefault();
    fitting(false);
    zoomTo(box, bounded(zoom * Math.exp(-event.deltaY / 300), ZOOMS[0], ZOOMS.at(-1)));
  }, { passive: false });

  on("scroll", ({ target }) => target.matches?.("[data-edges]") && hint(target), { capture: true, passive: true });

  // --- begin and end

  // JupyterLab's own keys, as "a", "dd" and the arrows of its command mode, are not meant for it here. It asks
  // only what has the focus, and before the page's other listeners: the window alone hears of a key earlier.
  window.addEventListener("keydown", ({ key, target, altKey, ctrlKey, metaKey }) => {
    if (!el.closest(".ddd-workbench")?.contains(target)) return;
    const selects = target.matches("textarea") && "ac".includes(key); // all of a text, and copies it
    if ((altKey || ctrlKey || metaKey) && !selects) target.removeAttribute("data-lm-suppress-shortcuts");
    else target.setAttribute("data-lm-suppress-shortcuts", "true");
  }, { signal, capture: true });
  el.innerHTML = model.get("frame");
  const parts = [...el.querySelectorAll("[data-part]")];
  fill(parts);
  const listeners = parts.map((part) => [`change:${part.dataset.part}`, () => fillSoon(part)]);
  listeners.push(["change:answered", answered], ["msg:custom", ({ download }) => download && save(download)]);
  for (const [name, listener] of listeners) model.on(name, listener);
  send("shown");

  // Nothing can be scrolled to before there is room, and what fits when there is more or less.
  let hadRoom = false;
  const room = new ResizeObserver(() => {
    if (!el.clientWidth) return;
    if (fits) el.querySelectorAll("[data-pan]").forEach(fit);
    if (!hadRoom) el.querySelectorAll("[data-reveal]").forEach((item) => reveal(item));
    hadRoom = true;
    el.querySelectorAll("[data-edges]").forEach(hint);
  });
  room.observe(el);

  return () => {
    for (const [name, listener] of listeners) model.off(name, listener);
    stop.abort();
    room.disconnect();
    pause();
    clearTimeout(patience);
    try {
      model.send({ act: "gone", arg: "", number: 0 });
    } catch {
      // Nobody is there any more who could count: the kernel went first.
    }
  };
}

export default { render };
