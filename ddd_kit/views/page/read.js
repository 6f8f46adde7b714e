// Reads what the page holds (record.py wrote it): entries in order, and what is quickly found of them.
"use strict";

const data = JSON.parse(document.getElementById("ddd-data").textContent);
const first = data.first;
const last = first + data.entries.length - 1;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// --- texts

const cut = (text, longest) => (text.length <= longest ? text : text.slice(0, longest - 1) + "…");
const whole = (number) => { // a value as a table has it
  const written = data.values[number];
  return typeof written === "string" ? written : written[0];
};
const brief = (number) => { // a value as a sentence has it
  const written = data.values[number];
  if (typeof written !== "string") return written[1];
  return UUID.test(written) ? written.slice(0, 8) : cut(written, 40);
};
const identity = (instance) => {
  const key = data.instances[instance][1];
  return typeof key === "string" ? key : whole(key);
};
const shortId = (text) => (UUID.test(text) ? text.slice(0, 8) : cut(text, 24));
const shortStream = (text) =>
  text.replace(/^.*?::/, "").replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (found) => found.slice(0, 8));
const shortPath = (path) => cut(path.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => id.slice(0, 8)), 60);
const figure = (number) => number.toLocaleString("en");
const many = (count, word, words = `${word}s`) => `${figure(count)} ${count === 1 ? word : words}`;

// --- entries: each inherits what its shape says

const OWN = {
  command: (e, [stream, values]) => Object.assign(e, { stream, values }),
  event: (e, [stream, values, instance, position]) =>
    Object.assign(e, { stream: stream || `${e.category}-${identity(instance)}`, values, instance, position }),
  handled: (e, [undone]) => Object.assign(e, { undone: undone ?? [] }),
  unhandled: (e, [stream]) => Object.assign(e, { stream }),
  changed: readChange,
};
const held = new Map(data.begun.map(([instance, version, names, values]) => [instance, { names, values }]));

// That a process is complete is kept in a field that nobody wrote: where it is, or -1.
const COMPLETE = "is_complete";
const markOf = (names, aggregate) => (data.elements[aggregate]?.kind === "process manager" ? names.indexOf(COMPLETE) : -1);

// Where there are entities inside of an aggregate, `fine` has its changes, or its fields, as the journal tells them.
function readChange(e, [instance, version, before, after, more, told, fine]) {
  const old = before === 0 ? held.get(instance).values : before;
  Object.assign(e, { instance, version, before: old, after, changed: [], apart: [], hidden: [], fine });
  e.change = old === null ? "created" : after === null ? "removed" : "changed";
  if (e.change === "created") e.hidden = more;
  if (e.change === "changed") {
    e.after = [...old];
    for (let at = 0; at < after.length; at += 2) e.after[after[at]] = after[at + 1];
    e.changed = told ?? after.filter((_, at) => at % 2 === 0);
    e.apart = more ?? [];
  }
  e.mark = markOf(e.names, e.aggregate);
  if (e.mark >= 0) {
    const place = e.changed.indexOf(e.mark);
    e.over = e.after && whole(e.after[e.mark]) === "True" && (place >= 0 || e.change === "created");
    e.hidden = [...e.hidden, e.mark];
    e.apart = e.apart.filter((_, at) => at !== place);
    e.changed = e.changed.filter((at) => at !== e.mark);
    e.fine = e.fine?.filter(([path]) => path !== COMPLETE);
  }
  const there = (_, at) => e.after[at] !== data.absent;
  if (e.after) held.set(instance, { names: e.names.filter(there), values: e.after.filter(there) });
  else held.delete(instance);
}

const isDrop = (e) => e.kind === "fault" && e.fault === "drop"; // what keeps a delivery from its handler

const entries = [];
const numbers = []; // the steps that one goes to: all but definitions
const effects = new Map(); // what a step led to itself
const chains = new Map(); // by the step that began it
const histories = new Map(); // the steps that saved an instance
const entry = (step) => entries[step - first];
function put(map, key, step) {
  if (map.has(key)) map.get(key).push(step);
  else map.set(key, [step]);
  return map;
}

function read() {
  let [unit, end, cell, time, start] = [0, first - 1, -1, data.seconds, null];
  data.entries.forEach(([shape, cause, chain, since, parts, ...own], place) => {
    const step = first + place;
    if (step > end) end += data.units[unit++];
    if (data.cells[cell + 1] && data.cells[cell + 1][0] === place) cell += 1;
    const e = Object.create(data.shapes[shape]);
    Object.assign(e, { step, cause: cause ? step - cause : 0, chain: step - chain, end, parts });
    e.cell = data.cells[cell][1];
    e.time = time += since;
    entries.push(e);
    OWN[e.kind]?.(e, own);
    if (e.kind !== "defined") {
      numbers.push(step);
      if (!start || start.cell !== e.cell) start = { step, cell: e.cell };
      e.start = start;
    }
    put(effects, e.cause, step);
    put(chains, e.chain, step);
    if (e.kind === "changed") put(histories, e.instance, step);
  });
}
read();

const beginning = numbers[0] ?? last;
const ending = numbers[numbers.length - 1] ?? last;
const unitEnd = (step) => (step < first ? step : entry(step).end);
const kept = (step) => (step >= first ? entry(step) : null);

// How many of some steps, in order, come up to a step.
function upTo(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

// --- what there was after a step: by instance the step that saved it, or 0 for what was there at the beginning

const PACE = Math.max(500, Math.ceil(entries.length / 20));
const snapshots = [new Map(data.begun.map(([instance]) => [instance, 0]))];

function forward(state, from, to) {
  for (let at = from; at < to; at++) {
    const e = entries[at];
    if (e.kind !== "changed") continue;
    if (e.after) state.set(e.instance, e.step);
    else state.delete(e.instance);
  }
  return state;
}
for (let at = PACE; at <= entries.length; at += PACE) {
  snapshots.push(forward(new Map(snapshots[snapshots.length - 1]), at - PACE, at));
}

function stateAt(step) {
  const count = unitEnd(step) + 1 - first;
  const known = Math.min(Math.floor(count / PACE), snapshots.length - 1);
  return forward(new Map(snapshots[known]), known * PACE, count);
}
