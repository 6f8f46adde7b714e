// The rows of the journal, around a step.

const WRONG = "✗";
const SIZE = 30; // rows of a window
const DEEPEST = 8;
const SHORT = 118; // characters of an error in a row

// --- a row

function pairsOf(names, values, keep, shown = value) {
  const told = names.map((field, at) => at).filter((at) => keep(names[at], values[at], at));
  const one = (at) => h("span", null, faint(shortPath(names[at])), " ", shown(values[at], at));
  return told.length ? h("span", null, listed(told.slice(0, 6).map(one), 6, told.length)) : null;
}

function payload(e) {
  const says = (field, held) => field !== "id" && !field.endsWith("_id") && held !== data.none;
  return pairsOf(e.names, e.values, says);
}

function askedFor(e, field, shown, held) {
  return link(shown, "why", `${e.step} ${field}`, `why is ${field} ${brief(held)}?`);
}
const asked = (e, at, shown, held) => askedFor(e, e.names[at], shown, held);

function wrong(before, text) {
  return bad(before, shortened(cut(text, SHORT + 2), text));
}

function outcome(e) {
  return e.outcome === "ok" ? small(good("✓"), ` ${e.took}`) : wrong("", `${WRONG} ${failure(e)}`);
}

function saved(e) {
  if (e.change === "removed") return ["removed"];
  if (e.change === "created") {
    const whole = ([field, held]) => h("span", null, faint(field), " ", askedFor(e, field, value(held), held));
    if (e.fine) return ["added", h("span", null, listed(e.fine.slice(0, 6).map(whole), 6, e.fine.length))];
    const keep = (field, held, at) => !e.hidden.includes(at) && held !== data.none;
    return ["added", pairsOf(e.names, e.after, keep, (held, at) => asked(e, at, value(held), held))];
  }
  if (e.fine) {
    return [h("span", null, listed(e.fine.slice(0, 6).map((each) => inside(e, ...each)), 6, e.fine.length))];
  }
  const arrow = (held, at) => [faint(value(e.before[at])), " → ", bold(asked(e, at, value(held), held))];
  const changed = pairsOf(e.names, e.after, (field, held, at) => e.changed.includes(at), arrow);
  return [changed ?? (e.over ? null : small("saved, no field changed")), e.over ? small("complete") : null];
}

// A change inside of an aggregate: of a value, or an entity that came or went.
function inside(e, path, before, after, apart, came) {
  const head = [faint(shortPath(path)), " "];
  if (!came) return h("span", null, head, faint(value(before)), " → ", bold(askedFor(e, path, value(after), after)));
  const what = came === "added" ? [": ", exactly(after, 200)] : null;
  return h("span", null, head, askedFor(e, path, came, came === "added" ? after : before), what);
}

const hearer = (e) => kindOf(e.handler, "event handler");
// What a delivery goes to: a method, or another domain.
const contextOf = (handler) => (handler.startsWith("domain ") ? handler.slice("domain ".length) : "");
const boundFor = (e) => (contextOf(e.handler) ? `the ${e.handler}` : `${e.handler}.${e.method}`);
const taking = (e) => {
  const context = contextOf(e.handler);
  if (!context) return [symbol(hearer(e)), h("span", null, name(e.handler, hearer(e)), `.${e.method}`)];
  return [symbol("other context"), "handed over to", h("span", null, "the domain ", name(context, "other context"))];
};
const stored = (e) => {
  const kind = kindOf(e.aggregate, "aggregate");
  return [symbol(kind), name(e.aggregate, kind)];
};

const TOLD = {
  command: (e) => [symbol("command"), name(e.type, "command"), payload(e), small(stream(e.stream)),
    ...(e.handler ? [small("→"), e.handler] : [bad("nobody took it")]), outcome(e)],
  event: (e) => [symbol("event"), name(e.type, "event"), payload(e), small(stream(e.stream)),
    e.source && small(`from ${e.source}`)],
  handled: (e) => [...taking(e),
    e.attempt > 1 || e.outcome === "retried" ? `attempt ${e.attempt}` : null, outcome(e)],
  called: (e) => [symbol(kindOf(e.service, "application service")),
    h("span", null, name(e.service, kindOf(e.service, "application service")), `.${e.method}`), outcome(e)],
  skipped: (e) => [symbol(hearer(e), "◇"), boundFor(e),
    small("skipped: ", link(e.reason, "whynot", e.step))],
  fault: (e) => [bad("↯"), `${boundFor(e)}:`, bad(isDrop(e) ? link(e.reason, "whynot", e.step) : e.reason)],
  changed: (e) => [...stored(e), idOf(e.instance), ...saved(e)],
  rejected: (e) => {
    const texts = e.messages.map(([field, text]) => (field === "_entity" ? text : `${field}: ${text}`));
    return [wrong(`${WRONG} ${e.element} rejected${e.by ? ` by ${e.by}` : ""}: `, texts.join("; "))];
  },
  unhandled: (e) => [symbol("event", "○"), "nobody listens to", e.type, small("on ", stream(e.stream))],
  defined: (e) => [symbol(e.as), e.as, name(e.element, e.as), e.change],
};
const told = (e) => spaced(TOLD[e.kind](e));
const toStep = (e, ...content) => link(content, "step", e.step);

// --- the journal around a step

// What names an element, what it heard, and what it did.
function concerns(e, element) {
  if ([e.type, e.aggregate, e.event, e.element, taker(e)].includes(element)) return true;
  if (actors(kept(e.cause)).includes(element)) return true;
  return (effects.get(e.step) ?? []).some((step) => entry(step).handler === element);
}

function journal() {
  const { element, first: begin } = look;
  const shown = element ? numbers.filter((step) => concerns(entry(step), element)) : numbers;
  const half = SIZE / 2;
  const around = Math.max(0, (Math.floor((upTo(shown, look.step) - 1) / half) - 1) * half);
  const from = begin === null ? around : Math.min(upTo(shown, begin - 1), Math.max(0, shown.length - 1));
  const to = from + SIZE;
  const window = shown.slice(from, to);
  const more = (count, step, where) =>
    count > 0 && p(small(link(`… ${figure(count)} ${where}`, "page", step)));
  const only = `only ${element}`;
  const chip = element && p(link(`${only} ×`, "clear", "", `${only}: show everything again`, "ddd-chip"));
  const none = element ? `Nothing in the journal concerns ${element}.` : "Nothing has happened yet.";
  return h("div", null, chip, window.length ? null : empty(none),
    more(from, shown[Math.max(0, from - SIZE)], "earlier"),
    grouped(window).map(([start, steps]) => cell(start, steps)),
    more(shown.length - to, shown[to], "later"));
}

const grouped = (steps) => [...steps.reduce((all, step) => put(all, entry(step).start, step), new Map())];

function cell(start, steps) {
  const rows = h("ul", { class: "ddd-rows" });
  const below = (step, depth, under) => {
    rows.append(row(entry(step), depth, under));
    for (const effect of effects.get(step) ?? []) if (steps.includes(effect)) below(effect, depth + 1, true);
  };
  for (const step of steps) if (!steps.includes(entry(step).cause)) below(step, 0, false);
  const continued = start.step < steps[0] ? ", continued" : "";
  const since = small(`${clock(entry(steps[0]).time).slice(11)} UTC${continued}`);
  return h("div", null, h("p", { class: "ddd-cell-head" }, bold(cellName(start.cell)), since), rows);
}

function row(e, depth, under) {
  const when = e.step === look.step ? " ddd-now" : e.step > look.step ? " ddd-later" : "";
  const off = ["skipped", "unhandled"].includes(e.kind) ? " ddd-off" : "";
  const line = h("span", { class: "ddd-told" }, told(e));
  const step = link(figure(e.step), "step", e.step, `step ${e.step}: ${line.textContent}`, "ddd-row-step");
  const because = e.cause ? `because of step ${figure(e.cause)}` : "";
  step.title = `step ${e.step}, ${clock(e.time)} UTC${because && `, ${because}`}`;
  if (e.step === look.step) step.setAttribute("aria-current", "step");
  if (because && (!under || depth > DEEPEST)) {
    line.append(" ", small(kept(e.cause) ? link(because, "step", e.cause) : because));
  }
  const place = { class: `ddd-row ddd-in${Math.min(depth, DEEPEST)}${off}${when}`, "aria-level": depth + 1 };
  return h("li", place, step, line);
}
