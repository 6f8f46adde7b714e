// Marks a step on the map, which is drawn once: its path, what was passed over or failed, and the counts.

const svg = document.querySelector("#ddd-map svg");
const STATES = ["idle", "plain", "skipped", "on", "failed"];
const pair = (...names) => names.join("\n");
const target = (key) => key.split("\n")[1];

// --- how often one element led to another, as tally.py counts it

const tallies = new Map();
const tally = (step, ...key) => put(tallies, pair(...key), step);
const tallied = (until, ...key) => upTo(tallies.get(pair(...key)) ?? [], until);
const taker = (e) => (e.handler ?? "").split(".")[0];

// What has its place within another element's card, with its kind in place of its sign.
const WITHIN = ["command handler", "entity", "value object", "query", "repository", "upcaster"];
const inWords = (text) => WITHIN.reduce((told, kind) => told.replaceAll(`${data.kinds[kind][0]} `, `${kind} `), text);

function actors(e) {
  if (e?.kind === "called") return [e.service];
  if (!e || !["handled", "command"].includes(e.kind)) return [];
  return e.kind === "handled" ? [e.handler] : [e.type, taker(e)].filter((doer) => doer);
}

const TALLY = {
  command: (e, well) => e.handler && tally(e.step, e.type, taker(e), "handled by", well),
  event: (e) => tally(e.step, e.aggregate, e.type, "raises", "count"),
  handled: (e, well) => e.method === "handle_error" || tally(e.step, e.event, e.handler, "heard by", well),
  skipped: (e) => tally(e.step, e.event, e.handler, "heard by", "skipped"),
  fault: (e) => isDrop(e) && tally(e.step, e.event, e.handler, "heard by", "skipped"),
  rejected: (e) => tally(e.step, "rejected", e.element),
  changed: (e) => tally(e.step, e.change, e.aggregate),
};
for (const e of entries) {
  const led = { command: [e.type, "issues"], changed: [e.aggregate, "changes"] }[e.kind];
  if (led) for (const doer of actors(kept(e.cause))) tally(e.step, doer, ...led, "count");
  if (TALLY[e.kind]) TALLY[e.kind](e, e.outcome === "ok" ? "count" : "failed");
}
for (const [instance] of data.begun) tally(0, "created", data.instances[instance][0]);

const REACTORS = ["event handler", "projector", "process manager", "subscriber"];
const COUNTED = { aggregate: ["instance"], projection: ["instance"], "process manager": ["process", "processes"] };

// --- the path of a step, as trail.py follows it

const about = (e) => (e.kind === "command" ? e.type : e.service ?? e.handler ?? e.type ?? e.aggregate ?? e.element);
const failure = (e) => (e.error ? `${e.outcome}: ${e.error}` : e.outcome);
const FOLLOW = {
  command: (e, actor) => [[actor, e.type]],
  event: (e, actor) => [[actor, e.aggregate], [e.aggregate, e.type]],
  handled: (e) => [[e.event, e.handler]],
  changed: (e, actor) => [[actor, e.aggregate]],
  rejected: (e) => [["", e.element]],
  called: (e, actor) => [[actor, e.service]],
};

function trail(step) {
  const found = { about: "", nodes: new Set(), links: new Set(), skipped: new Map(), failed: new Map() };
  if (step < first) return found;
  const chosen = entry(step);
  found.about = about(chosen);
  const path = new Set();
  for (let at = step; at >= first; at = entry(at).cause) path.add(at);
  for (const at of chains.get(chosen.chain)) {
    if (at > chosen.end) break;
    const e = entry(at);
    if (path.has(at) && FOLLOW[e.kind]) {
      for (const [from, to] of FOLLOW[e.kind](e, actors(kept(e.cause))[0])) {
        if (from) found.nodes.add(from) && found.links.add(pair(from, to));
        found.nodes.add(to);
      }
    }
    judge(found, e);
  }
  return found;
}

function judge({ skipped, failed }, e) {
  const key = e.kind === "handled" ? pair(e.event, e.handler) : pair(about(e), about(e));
  if (e.kind === "handled") failed.delete(key); // its last attempt counts
  if (e.kind === "skipped" || isDrop(e)) skipped.set(pair(e.event, e.handler), e.status);
  else if (e.kind === "rejected") failed.set(key, e.status);
  else if (e.outcome && e.outcome !== "ok") failed.set(key, failure(e));
}

// --- what is on the drawing

const drawn = svg.querySelector("g > g[aria-hidden]");
const hits = new Map([...svg.querySelectorAll(".hit")].map((path) => [path.getAttribute("d"), path.parentNode]));
const arrows = (drawn ? [...drawn.children] : []).map((box, at) => {
  const known = data.map.arrows[at];
  const pairs = known.pairs.map((names) => pair(...names));
  return { ...known, box, pairs, hit: hits.get(box.querySelector(".line").getAttribute("d")) };
});
const cards = [...svg.querySelectorAll(".card")].map((card) => card.parentNode)
  .filter((box) => data.map.nodes[box.dataset.arg]); // other contexts are no elements
const nodes = cards.map((box) => {
  for (const old of box.querySelectorAll(".rule, .rule ~ text")) old.remove();
  const name = box.dataset.arg;
  return { ...data.map.nodes[name], name, box, again: box.classList.contains("again") };
});

function inSvg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, held] of Object.entries(attributes)) made.setAttribute(key, held);
  made.textContent = text ?? "";
  return made;
}

// --- marking

function markMap(step) {
  const path = trail(step);
  const until = unitEnd(step);
  const reasons = new Map([...path.skipped, ...path.failed]);
  for (const node of nodes) markNode(node, path, reasons, until);
  for (const arrow of arrows) markArrow(arrow, path, reasons, until);
  for (const state of STATES) drawn.append(...arrows.filter((arrow) => arrow.state === state).map(({ box }) => box));
  showLegend(step);
  const chosen = nodes.filter((node) => node.name === path.about);
  const shown = chosen.find((node) => node.again && node.state !== "plain") ?? chosen[0];
  if (shown) reveal(shown.box, svg.parentNode);
}

function stateOf(node, path) {
  if (node.again && !node.before.some((handler) => path.links.has(pair(handler, node.name)))) return "plain";
  const struck = (found) => [...found.keys()].some((key) => target(key) === node.name);
  if (struck(path.failed)) return "failed";
  return path.nodes.has(node.name) ? "on" : struck(path.skipped) ? "skipped" : "plain";
}

// What became of an element so far, where nothing is to be said of this step.
function summary({ name, kind }, until) {
  const [at, relation] = REACTORS.includes(kind) ? [1, "heard by"] : [0, "handled by"];
  const sum = (what) => [...tallies].reduce((all, [key, steps]) => {
    const parts = key.split("\n");
    return all + (parts[at] === name && parts[2] === relation && parts[3] === what ? upTo(steps, until) : 0);
  }, 0);
  const told = { ran: sum("count"), skipped: sum("skipped"), failed: sum("failed") };
  told.rejected = tallied(until, "rejected", name);
  const words = Object.keys(told).filter((word) => told[word]).map((word) => `${word} ${figure(told[word])}×`);
  return words.join(", ") || (REACTORS.includes(kind) ? "not run yet" : "");
}

// Where the processes of a manager stand: as its card says it; in full it is put into what is told.
function standing({ standing: moves, told }, until) {
  if (!moves?.length) return "";
  const at = upTo(moves.map(([step]) => step), until);
  const [, line, full] = at ? moves[at - 1] : [0, "none has begun"];
  told[2] = full ?? line;
  return line;
}

function markNode(node, path, reasons, until) {
  const { box, name } = node;
  node.state = stateOf(node, path);
  let status = [...reasons].filter(([key]) => target(key) === name).map(([, reason]) => reason).pop() ?? "";
  if (!status && node.room) status = summary(node, until);
  const number = tallied(until, "created", name) - tallied(until, "removed", name);
  const stand = standing(node, until);
  if (COUNTED[node.kind]) node.told[1] = many(number, ...COUNTED[node.kind]);
  const place = [node.again && "drawn again", node.state === "on" && "on the path of this step"];
  const label = [...node.told.map(inWords), status, node.remark, ...place, !node.again && node.leads];
  const now = label.join("\n") + node.state + (look.element === name);
  if (node.now === now) return;
  node.now = now;
  for (const state of ["skipped", "on", "failed"]) box.classList.toggle(state, state === node.state);
  box.setAttribute("aria-label", label.filter((text) => text).join(", "));
  box.setAttribute("aria-pressed", String(look.element === name));
  box.querySelector("title").textContent = [...node.told, status, node.doc].filter((text) => text).join("\n");
  box.querySelector(".sign").setAttribute("fill-opacity", node.state === "skipped" ? "0" : "1");
  for (const old of box.querySelectorAll(".status, .chosen")) old.remove();
  if (look.element === name) box.append(inSvg("rect", { ...node.frame, class: "chosen" }));
  if (node.again) return;
  if (COUNTED[node.kind]) box.querySelector(".label + text").textContent = node.told[1];
  if (stand) box.querySelector(".label + text + text").textContent = stand;
  if (status) box.append(...statusLines(node, status));
}

function statusLines({ top, width, room, state, wrapped }, status) {
  const oneByOne = status.length * 6 > width - 20 ? status.split(", ") : [status];
  const lines = (wrapped[status] ?? oneByOne).slice(0, room);
  const texts = lines.map((line, at) =>
    inSvg("text", { class: state === "failed" ? "status bad" : "status", x: 10, y: top + 14 * (at + 1) }, line));
  return [inSvg("path", { class: "rule status", d: `M0 ${top - 2}H${width}` }), ...texts];
}

function markArrow(arrow, path, reasons, until) {
  const { box, pairs, hit } = arrow;
  const total = (what) => arrow.keys.reduce((sum, key) => sum + tallied(until, ...key, what), 0);
  const one = (found) => pairs.some((key) => found.has(key));
  const number = total("count");
  const passed = arrow.barred || one(path.skipped) ? "skipped" : number ? "plain" : "idle";
  arrow.state = one(path.failed) ? "failed" : one(path.links) ? "on" : passed;
  const reason = pairs.map((key) => reasons.get(key)).find((text) => text);
  const rest = ["skipped", "failed"].filter(total).map((word) => `, ${word} ${many(total(word), "time")}`).join("");
  const what = `${reason ? `${reason}; ` : ""}${arrow.kind}, ${many(number, "time")}${rest}`;
  const title = `${arrow.source} → ${arrow.target}: ${what}`;
  const now = [...path.failed.keys(), ...path.links, ...path.skipped.keys()].find((key) => pairs.includes(key));
  arrow.box.setAttribute("class", arrow.state);
  box.querySelector("title").textContent = title;
  for (const old of box.querySelectorAll(".count")) old.remove();
  if (number && arrow.at) {
    const [x, y] = arrow.at;
    box.append(inSvg("text", { class: "count", x, y }, `${figure(number)}×`));
  }
  if (!hit) return;
  const asks = now ?? (pairs.length === 1 ? pairs[0] : null);
  hit.dataset.act = asks ? "edge" : "element";
  hit.dataset.arg = asks ? asks.replace("\n", " ") : arrow.target;
  hit.setAttribute("aria-label", title);
  hit.querySelector("title").textContent = title;
}

function showLegend(step) {
  const cell = kept(step) && entry(step).cell ? `, ${cellName(entry(step).cell)}` : "";
  const words = { on: `step ${step}${cell}`, skipped: "skipped", failed: "failed", idle: "not yet" };
  const item = (tag, look, sign, word) => h("li", null, h(tag, { class: look, "aria-hidden": "true" }, sign), ` ${word}`);
  const kinds = Object.keys(data.kinds).filter((kind) => nodes.some((node) => node.kind === kind));
  const states = Object.keys(words).filter((state) => [...nodes, ...arrows].some((each) => each.state === state));
  document.getElementById("ddd-legend").replaceChildren(
    ...kinds.map((kind) => item("span", `ddd-${slug(kind)}`, ...data.kinds[kind])),
    ...states.map((state) => item("i", `ddd-is-${state}`, "", words[state])),
  );
}
