// What somebody looks at, and how it follows from what they do.

const look = { step: ending, right: "changes", element: null, question: null, first: null, page: 0 };
const part = (id) => document.getElementById(`ddd-${id}`);
const ITEMS = "[data-act]";
let player = 0;
let zoom = 1;

function sentence(step = look.step) {
  if (step >= first) return entry(step).parts.map((number) => data.parts[number].slice(1)).join("");
  if (first === 1) return "Nothing has happened yet.";
  return `What happened up to step ${figure(first - 1)} is not in the journal any more.`;
}

function story() {
  if (look.step < first) return [sentence()];
  return entry(look.step).parts.map((number) => {
    const [role, text] = [data.roles[parseInt(data.parts[number][0], 36)], data.parts[number].slice(1)];
    return data.kinds[role] ? name(text, kindOf(text.split(" ")[0], role)) // as `Order o-1`
      : ["element", "new"].includes(role) ? bold(text) : text;
  });
}

// --- the bar

const BLOCK = 17;
const INKS = { command: "command", event: "event", handled: "event-handler", changed: "aggregate", rejected: "bad", fault: "bad", called: "application-service" };
const SIGNS = {
  command: "▶", event: "●", handled: "◆", skipped: "◇", changed: "■", rejected: "✗", unhandled: "○", fault: "↯", called: "⌂",
};

// Which places have room: the same ones while the step stays within a block of them.
function visible() {
  const begin = Math.floor(Math.max(0, upTo(numbers, look.step) - 1) / BLOCK) * BLOCK;
  const most = Math.max(BLOCK, Math.min(64, (part("ticks").clientWidth - 190) / 15));
  let [from, to, room] = [begin, begin, most];
  const start = (at) => entry(numbers[at]).start;
  // The name of a cell needs room.
  const cost = (at, beside) => (from < to && start(at) === start(beside) ? 1 : 3.6);
  const fits = () => to < begin + BLOCK || room > cost(to, to - 1) + most / 4;
  for (; to < numbers.length && fits(); to += 1) room -= cost(to, to - 1);
  for (; from > 0 && room > cost(from - 1, from); from -= 1) room -= cost(from - 1, from);
  return [from, to];
}

function ticks() {
  if (!numbers.length) return small("no steps yet");
  const [from, to] = visible();
  const more = (count, step, where) =>
    count > 0 && h("span", { class: "ddd-more" }, link(`… ${figure(count)} ${where}`, "step", step));
  const cells = grouped(numbers.slice(from, to)).map(([start, steps]) => {
    const called = cellName(start.cell);
    return h("span", { class: "ddd-cell", role: "group", "aria-label": called },
      h("span", { class: "ddd-cell-name", title: called, "aria-hidden": "true" }, called),
      h("span", { class: "ddd-cell-ticks" }, steps.map((step) => tick(entry(step)))));
  });
  return h("div", { class: "ddd-ticks", role: "group", "aria-label": "timeline" },
    more(from, numbers[from - 1], "earlier"), h("div", { class: "ddd-strip" }, cells),
    more(numbers.length - to, numbers[to], "later"));
}

function tick(e) {
  const failed = e.outcome && e.outcome !== "ok";
  const ink = failed ? "bad" : INKS[e.kind] ?? "hollow";
  const words = cut(`step ${e.step}: ${sentence(e.step)}`, 200);
  const style = `ddd-tick ddd-${ink}${e.step > look.step ? " ddd-later" : ""}`;
  const made = link(failed ? WRONG : SIGNS[e.kind], "step", e.step, words, style);
  made.title = words;
  if (e.step === look.step) made.setAttribute("aria-current", "step");
  return made;
}

function showBar() {
  part("place").replaceChildren("step ", bold(figure(look.step)), ` of ${figure(last)}`);
  const slider = part("slider");
  slider.value = look.step;
  slider.setAttribute("aria-valuetext", `step ${look.step} of ${last}`);
  for (const button of document.querySelectorAll("[data-act=go]")) {
    const there = ["first", "back"].includes(button.dataset.arg) ? look.step <= beginning : look.step >= ending;
    button.setAttribute("aria-disabled", there);
  }
  document.querySelector("[data-act=play]").textContent = player ? "❚❚ pause" : "▷ play";
}

// --- showing

function fill(box, content) {
  const held = document.activeElement;
  const active = box.contains(held) && held !== box ? held.dataset : null;
  box.replaceChildren(...compact([content]));
  const now = box.querySelector("[aria-current]");
  const alike = ({ dataset }) => dataset.act === active.act && dataset.arg === active.arg;
  const same = active && [...box.querySelectorAll(ITEMS)].find(alike);
  rove(box, same ?? now);
  if (active) (same ?? now ?? box.querySelector(ITEMS) ?? box).focus({ preventScroll: true });
  if (now) reveal(now.closest(".ddd-row") ?? now, box.querySelector(".ddd-strip") ?? box);
}

const PANES = { changes, state, why: whyPane };

function show() {
  showBar();
  fill(part("ticks"), ticks());
  fill(part("left"), journal());
  showRight();
  part("story").replaceChildren(...story());
  markMap(look.step);
  if (svg.contains(document.activeElement)) return;
  const box = nodes.find((node) => node.state === "on") ?? nodes[0];
  rove(svg, box && box.box);
}

function showRight() {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", tab.dataset.arg === look.right);
  }
  part("right").setAttribute("aria-labelledby", `ddd-tab-${look.right}`);
  fill(part("right"), PANES[look.right]());
}

// Scrolls a box, and never the page.
function reveal(item, box) {
  const [a, b] = [item.getBoundingClientRect(), box.getBoundingClientRect()];
  if (a.top < b.top || a.bottom > b.bottom) box.scrollTop += a.top - b.top - (b.height - a.height) / 2;
  if (a.left < b.left || a.right > b.right) box.scrollLeft += a.left - b.left - (b.width - a.width) / 2;
}

// One item of a list is a stop of the Tab key; up and down lead to the others.
function rove(box, item) {
  const items = [...box.querySelectorAll(ITEMS)];
  for (const each of items) each.setAttribute("tabindex", each === (item ?? items[0]) ? 0 : -1);
}

function zoomBy(how) {
  const { width, height } = svg.viewBox.baseVal;
  const box = part("map");
  const fit = Math.min(1, (box.clientWidth - 16) / width, (box.clientHeight - 12) / height);
  zoom = { in: Math.min(3, zoom * 1.25), out: Math.max(0.25, zoom / 1.25), one: 1, fit }[how];
  svg.style.width = `${width * zoom}px`;
  svg.style.height = `${height * zoom}px`;
}

// --- what people do

function go(to) {
  const place = upTo(numbers, look.step);
  const back = numbers[upTo(numbers, look.step - 1) - 1] ?? look.step;
  turn({ step: { first: beginning, last: ending, forward: numbers[place] ?? look.step, back }[to], first: null });
}

function turn(change) {
  Object.assign(look, change);
  show();
}

function play() {
  if (player) return pause();
  if (look.step >= ending) go("first");
  player = setInterval(() => (look.step >= ending ? pause() : go("forward")), 800);
  showBar();
}

function pause() {
  clearInterval(player);
  player = 0;
  showBar();
}

// Narrows journal and state down to an element; of a handler that was passed over, says why.
function chooseElement(element) {
  const chosen = look.element === element ? null : element;
  const passed = chosen && [...trail(look.step).skipped.keys()].find((key) => target(key) === element);
  const asked = passed ? { right: "why", question: ["edge", passed.replace("\n", " ")] } : {};
  turn({ element: chosen, first: null, page: 0, ...asked });
}

const ask = (act) => (arg) => turn({ right: "why", question: [act, arg] });
const ACTS = {
  go,
  step: (arg) => turn({ step: Math.max(first - 1, Math.min(last, Number(arg))), first: null, page: 0 }),
  right: (arg) => turn({ right: arg }),
  page: (arg) => turn({ first: Number(arg) }),
  cards: (arg) => turn({ page: Number(arg) }),
  element: chooseElement,
  clear: () => turn({ element: null, first: null, page: 0 }),
  why: ask("why"),
  whynot: ask("whynot"),
  edge: ask("edge"),
  zoom: zoomBy,
  play,
};

function act({ dataset }) {
  if (dataset.act !== "play" && player) pause();
  ACTS[dataset.act](dataset.arg);
}

document.addEventListener("click", ({ target: clicked }) => {
  const item = clicked.closest(ITEMS);
  if (item) act(item);
});

part("slider").addEventListener("input", ({ target: slider }) => {
  if (player) pause();
  ACTS.step(slider.value);
});

document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const item = event.target.closest(ITEMS);
  const to = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" }[key];
  if (to) {
    if (player) pause();
    go(to);
  } else if (item && (key === "ArrowDown" || key === "ArrowUp")) {
    const box = item.closest("svg, .ddd-content, .ddd-ticks-place, .ddd-tabs, .ddd-group");
    const items = [...box.querySelectorAll(ITEMS)];
    const next = items[items.indexOf(item) + (key === "ArrowDown" ? 1 : -1)] ?? item;
    if (box.matches("svg, .ddd-content, .ddd-ticks-place")) rove(box, next);
    next.focus({ preventScroll: true });
    reveal(next, next.closest(".ddd-content, .ddd-map-box, .ddd-strip") ?? next);
  } else if (item && !item.matches("button") && (key === "Enter" || key === " ")) act(item);
  else if (key === "Escape") ACTS.clear();
  else return;
  event.preventDefault();
});

document.getElementById("ddd-workbench").hidden = false;
show();
