// What a step changed, and the instances after it.

const MOST = 60; // fields of a table, and effects of a step
const LONGEST = 200; // characters of a value in a table
const PAGE = 20; // cards
const FIELDS = 8; // of a card

// --- what a step changed

const header = (scope, text, look) => h("th", { scope, class: look }, text);

// Rows of a class, a text at the head, and cells.
function table(columns, rows) {
  const body = rows.slice(0, MOST).map(([look, field, ...cells]) =>
    h("tr", { class: look }, header("row", shortPath(field), field.length > 16 ? null : "ddd-short"), cells.map((held) => h("td", null, held))));
  if (rows.length > MOST) body.push(moreFields(rows.length - MOST));
  const top = h("tr", null, columns.map((column) => header("col", column)));
  return h("table", { class: "ddd-table" }, h("thead", null, top), h("tbody", null, body));
}
const moreFields = (count) => h("tr", null, h("th", null, "…"), h("td", null, many(count, "more field")));
const inTable = (held) => exactly(held, LONGEST);

function fields(e) {
  const all = e.names.map((field, at) => at).filter((at) => at !== e.mark);
  const after = (at, shown) => asked(e, at, shown(inTable(e.after[at])), e.after[at]);
  if (e.change !== "changed") {
    const only = (at) => (e.after ? after(at, bold) : h("s", null, inTable(e.before[at])));
    return table(["field", e.after ? "value" : "before"], all.map((at) => [null, e.names[at], only(at)]));
  }
  const differing = e.fine ?? e.changed.map((at, place) => [e.names[at], e.before[at], e.after[at], e.apart[place]]);
  const changed = differing.map(([path, old, now, apart, came]) => ["ddd-new", path,
    came === "added" ? small("not there") : h("s", { class: "ddd-bad" }, inTable(old)),
    came === "removed" ? small("removed")
      : [askedFor(e, path, h("b", { class: "ddd-good" }, inTable(now)), now), apart && small(` (${apart})`)]]);
  const same = all.filter((at) => !e.changed.includes(at)).map((at) =>
    ["ddd-faint", e.names[at], inTable(e.after[at]), after(at, (held) => held)]);
  return [changed.length || e.over ? null : p(small("saved, no field changed")),
    table(["field", "before", "after"], [...changed, ...same]),
    e.over ? p("With that the process is complete.") : null];
}

function said(e) {
  const rows = e.names.map((field, at) => [null, field, inTable(e.values[at])]);
  return rows.length ? table(["field", "value"], rows) : p(small("It has no fields."));
}

function refused(e) {
  const tried = new Map(e.tried);
  const given = (field) => (tried.has(field) ? inTable(tried.get(field)) : "");
  const wrong = e.messages.map(([field]) => field);
  const others = [...tried.keys()].filter((field) => !wrong.includes(field));
  const rules = (e.rules ?? []).map(([rule, of, text, seen]) => h("div", null, bold(rule), small(` of ${of}`), ": ",
    bad(text), seen && p(small("it saw "), seen)));
  return [table(["field", "tried", "message"], [
    ...e.messages.map(([field, text]) => ["ddd-new", field === "_entity" ? "as a whole" : field, given(field), text]),
    ...others.map((field) => ["ddd-faint", field, given(field), ""])]),
    rules.length > 0 && [heading("rules that did not hold"), list(rules)]];
}

const DETAILS = {
  command: said,
  event: (e) => [p(e.source ? ["came from ", bold(e.source)] : ["raised by ", subject(e)], ` at position ${figure(e.position)}`), said(e)],
  handled: (e) => e.undone.length > 0 && [heading("undone, because it failed"), list(e.undone)],
  changed: fields,
  skipped: (e) => e.rule !== "retired" && table(["rule", "wanted", "found"],
    [["ddd-new", e.rule, stream(e.wanted), e.found.split(", ").map(shortStream).join(", ")]]),
  rejected: refused,
};
const LED = { event: "heard by", handled: "it did", command: "it did" };

function changes() {
  if (look.step < first) return empty(sentence());
  const e = entry(look.step);
  const details = DETAILS[e.kind] && DETAILS[e.kind](e);
  const did = led(e);
  return div("ddd-changes", p(e.kind === "changed" ? head(e) : told(e)),
    e.error && failure(e).length > SHORT && h("p", { class: "ddd-error ddd-bad" }, e.error), details || null,
    did.length > 0 && [heading(LED[e.kind] ?? "it led to"), list(did)],
    e.kind !== "defined" && [heading("because"), causes(chainOf(e).slice(0, -1), e)]);
}

// What a step led to itself, and to whom it was sent without anything being known of it.
function led(e) {
  const did = (effects.get(e.step) ?? []).map(entry);
  const met = (handler, method) =>
    did.some((each) => each.handler === handler && (each.delivered ?? each.method) === method);
  const waits = (handler, method) =>
    data.waiting.some((each) => pair(...each) === pair(e.step, handler, method));
  const silent = (e.sent ?? []).filter((to) => !met(...to)).map((to) =>
    `${to.join(".")} ${waits(...to) ? "waits" : ": what became of it is not recorded"}`);
  const more = did.length > MOST ? [small(`… ${figure(did.length - MOST)} more`)] : [];
  return [...did.slice(0, MOST).map((each) => [toStep(each, `step ${figure(each.step)}`), " ", told(each)]),
    ...more, ...silent];
}

function head(e) {
  const version = {
    created: `new, version ${e.version}`,
    changed: `version ${e.version - 1} → ${e.version}`,
    removed: `removed, it was at version ${e.version - 1}`,
  }[e.change];
  return [subject(e), " ", small(version ?? `version ${e.version}`)];
}

// --- the instances

function state() {
  const now = stateAt(look.step);
  const unit = savedWith(look.step);
  const only = look.element && (data.elements[look.element]?.of ?? look.element);
  const groups = new Map();
  for (const instance of now.keys()) put(groups, data.instances[instance][0], instance);
  let names = [...new Set([...Object.keys(data.elements), ...groups.keys()])];
  names = names.filter((group) => groups.has(group) && (!only || group === only));
  const total = names.reduce((sum, group) => sum + groups.get(group).length, 0);
  const gone = [...unit.values()].filter((e) => !now.has(e.instance) && (!only || e.aggregate === only));
  if (!total && !gone.length) return empty(nothing(only));
  const touched = (group) => groups.get(group).some((instance) => unit.has(instance));
  if (total > PAGE) names = [...names.filter(touched), ...names.filter((group) => !touched(group))];
  const begin = Math.min(look.page, Math.ceil(total / PAGE) - 1) * PAGE;
  const order = names.flatMap((group) => [ // what the unit of work changed, then the newest
    ...[...unit.keys()].filter((instance) => groups.get(group).includes(instance)),
    ...groups.get(group).filter((instance) => !unit.has(instance)).reverse()]);
  const shown = new Map();
  for (const each of order.slice(begin, begin + PAGE)) put(shown, data.instances[each][0], each);
  const extent = total > PAGE ? `${figure(begin + 1)} to ${figure(Math.min(total, begin + PAGE))} of ` : "";
  return div("ddd-instances", p(small(extent, many(total, "instance"))),
    gone.length > 0 && p("removed: ", listed(gone.map((e) => h("span", null, subject(e))), PAGE)),
    [...shown].map(([group, cards]) => h("div", null,
      p(called(group, kindOf(group, "aggregate")), " ", small(many(groups.get(group).length, "instance"))),
      div("ddd-cards", cards.map((each) => card(each, now.get(each), unit.get(each)))))),
    total > PAGE && pages(total - begin - PAGE));
}

// What the unit of work of a step saved last, by instance.
function savedWith(step) {
  const until = unitEnd(step);
  let from = until + 1 - first;
  while (from > 0 && entries[from - 1].end === until) from -= 1;
  const saved = entries.slice(from, until + 1 - first).filter((e) => e.kind === "changed");
  return new Map(saved.map((e) => [e.instance, e]));
}

function nothing(only) {
  if (only) return `There is no ${only} at this step.`;
  return look.step < first ? "Nothing has happened yet." : "Nothing is stored at this step.";
}

function pages(left) {
  const back = look.page > 0 && link(`back ${PAGE}`, "cards", look.page - 1);
  const more = left > 0 && link(`${Math.min(PAGE, left)} more`, "cards", look.page + 1);
  return h("p", { class: "ddd-pages" }, spaced([back, more]));
}

function card(instance, step, change) {
  const [, old, names, begun] = step ? [] : data.begun.find(([each]) => each === instance);
  const aggregate = data.instances[instance][0];
  const e = step ? entry(step) : { aggregate, instance, version: old, names, after: begun };
  const moved = change && change.change === "changed" ? e.changed : [];
  const mark = markOf(e.names, aggregate);
  const all = e.names.map((field, at) => at)
    .filter((at) => at !== mark && (moved.includes(at) || e.after[at] !== data.absent));
  const others = all.filter((at) => !moved.includes(at));
  const order = (all.length > FIELDS ? [...moved, ...others] : all)
    .filter((at) => e.names[at] !== data.elements[aggregate]?.by);
  const rows = order.slice(0, FIELDS).map((at) => cardRow(e, at, step, moved.includes(at)));
  if (order.length > FIELDS) rows.push(moreFields(order.length - FIELDS));
  const stand = stands(instance, aggregate, e);
  const wide = all.some((at) => e.names[at].includes("[")) ? " ddd-wide" : "";
  return div(`ddd-card${change ? " ddd-new" : ""}${wide}`,
    p(head({ ...e, aggregate, change: change && change.change })), stand && h("p", { class: "ddd-stands" }, small(stand)),
    h("table", { class: "ddd-table" }, h("tbody", null, rows)));
}

// Where a process stands, as `after OrderPlaced, waits for PaymentConfirmed`.
function stands(instance, aggregate, e) {
  const awaits = data.elements[aggregate]?.awaits;
  if (!awaits || !data.recorded) return null;
  let taken = [];
  for (const at of histories.get(instance) ?? []) {
    if (at > unitEnd(look.step)) break;
    const cause = kept(entry(at).cause);
    if (!entry(at).after) taken = [];
    else if (cause?.kind === "handled" && cause.handler === aggregate && cause.outcome === "ok") taken.push(cause.event);
  }
  const since = taken[taken.length - 1];
  const over = e.after[e.names.indexOf(COMPLETE)];
  if (over !== undefined && whole(over) === "True") return `complete${since ? `, since ${since}` : ""}`;
  const waits = `waits for ${awaits.filter((event) => !taken.includes(event)).join(" or ") || "nothing"}`;
  return since ? `after ${since}, ${waits}` : waits;
}

function cardRow(e, at, step, moved) {
  const [field, held, old] = [e.names[at], e.after[at], e.before && e.before[at]];
  const shown = step ? asked(e, at, inCard(held), held) : inCard(held);
  const now = !moved ? shown : held === data.absent ? [h("s", null, inCard(old)), " ", small("removed")]
    : old === data.absent ? [small("new "), shown] : [faint(inCard(old)), " → ", bold(shown)];
  return h("tr", { class: moved ? "ddd-new" : null },
    header("row", shortPath(field), field.length > 14 ? "ddd-long" : null), h("td", null, now));
}
