// The answers to "why" and "why not".

const AS = { event: "event", command: "command", handled: "event handler", called: "application service" };
const DEEDS = { command: "gave a command", changed: "saved it", rejected: "gave values", called: "used a service" };
const GONE = "what came before is not in the journal any more";
const LINKS = 60; // of a chain of causes

function chainOf(e) {
  const chain = [e];
  while (kept(chain[0].cause)) chain.unshift(entry(chain[0].cause));
  return chain;
}

// One of a chain of causes: who did what. Its clause begins with the name.
function cause(e) {
  const [kind, who] = [kindOf(about(e), AS[e.kind]), about(e)];
  const clause = e.clause.slice(who.length).replace(/ on `[^`]*` was taken by /, " was taken by ");
  return [toStep(e, called(who, kind)), withCode(clause), small(` step ${e.step}`)];
}

function causes(chain, last) {
  const begin = chain[0] ?? last;
  const where = begin.cell ? h("code", null, begin.cell) : "code outside a cell";
  const items = chain.map(cause);
  const gap = items.length - LINKS;
  if (gap > 0) items.splice(3, gap, small(`… ${figure(gap)} more links`));
  return list([begin.cause ? small(GONE) : [where, " ", deed(begin)], ...items], "ol");
}

function deed(e) {
  if (e.kind === "event") return e.source ? ["heard it from ", bold(e.source)] : ["saved ", subject(e)];
  return e.change === "removed" ? "removed it" : DEEDS[e.kind] ?? "let it happen";
}

const question = (...words) => h("h3", { class: "ddd-question" }, words);
const answer = (text) => h("p", { class: "ddd-sentence" }, withCode(cut(text, 2000)));
const didRun = (handler, ending) => question("Why did ", called(handler, kindOf(handler, "event handler")), ending);

// --- a value

// Both values of a field or a path, where a save gave it its value; else null.
function sets(e, field) {
  const fine = e.fine?.find(([path]) => path === field);
  if (fine && e.change === "created") return [data.absent, fine[1]];
  if (fine) return fine[4] === "added" ? [data.absent, fine[2]] : fine[4] ? [fine[1], data.absent] : fine.slice(1, 3);
  const at = e.names.indexOf(field);
  if (!e.after || at < 0 || !(e.change === "created" || e.changed.includes(at))) return null;
  return [e.before ? e.before[at] : data.absent, e.after[at]];
}

function why(arg) {
  const [step, field] = [parseInt(arg, 10), arg.slice(arg.indexOf(" ") + 1)];
  if (data.redefined[arg]) return definedAnew(entry(step).aggregate, field, ...data.redefined[arg]);
  const { instance, aggregate, end } = entry(step);
  const whose = `${aggregate} ${shortId(identity(instance))} ${shortPath(field)}`;
  const set = histories.get(instance).filter((at) => at <= end && sets(entry(at), field)).pop();
  const hint = "An object counts when it was added to its repository.";
  if (!set) return empty(`The journal knows no change of ${whose}: ${data.extent} ${hint}`);
  const e = entry(set);
  const [old, now] = sets(e, field);
  const [isNew, isGone] = [old === data.absent, now === data.absent];
  const chain = chainOf(e);
  const effect = isGone ? `${whose} was removed: ${brief(old)}`
    : `${whose} ${isNew ? "began as" : `${brief(old)} ->`} ${brief(now)}`;
  const clauses = chain.slice(0, -1).map(({ clause }) => clause);
  const text = `${opening(chain[0])}: ${[...clauses, effect].join("; ")}.`;
  const rows = causes(chain.slice(0, -1), e);
  const from = isNew ? ` began with ${field} ` : [` ${field} `, faint(value(old)), " → "];
  const who = [toStep(e, called(aggregate, kindOf(aggregate, "aggregate"))), " ", idOf(instance)];
  rows.append(h("li", null, ...compact([who, from, isGone ? small("removed") : bold(value(now)), small(` step ${set}`)])));
  return [question("Why is ", field, " ", isGone ? "gone" : bold(value(now)), "?"), answer(text[0].toUpperCase() + text.slice(1)), rows];
}

function definedAnew(aggregate, field, text, steps, held) {
  const items = steps.map((step) =>
    [toStep(entry(step), called(aggregate, "aggregate")), " was defined again", small(` step ${step}`)]);
  const asked = question("Why is ", field, " ", held === null ? "its default" : bold(held), "?");
  return [asked, answer(text), list(items, "ol")];
}

function opening(begin) {
  if (begin.cause) return GONE;
  const where = begin.cell ?? "code outside a cell";
  if (begin.kind === "event") return `${where} saved ${begin.aggregate} ${shortId(identity(begin.instance))}`;
  return `${where} ${["command", "called"].includes(begin.kind) ? "asked for" : "saved"} it`;
}

// --- a handler

function whyNot(step) {
  const e = entry(step);
  const rules = data.answers[e.answer];
  if (!Array.isArray(rules)) return empty(rules ?? `${e.handler} did not run: ${e.reason}.`);
  const broken = rules.filter(([passed]) => !passed).map(([, , text]) => text);
  const items = rules.map(([passed, rule, text]) =>
    [passed ? good("✓") : bad(WRONG), " ", bold(rule), ": ", withCode(text)]);
  const text = `${e.handler} did not take ${e.event} (step ${e.cause}): ${broken.join("; ")}.`;
  return [didRun(e.handler, " not run?"), answer(text), p(cause(entry(e.cause))), list(items)];
}

// Of an arrow: what became of the last such event at that handler.
function edge(arg) {
  const [event, handler] = arg.split(" ");
  let step = unitEnd(look.step);
  const reached = (e) => kindOf(handler) !== "subscriber" || e.sent.some(([to]) => to === handler);
  while (step >= first && !(entry(step).kind === "event" && entry(step).type === event && reached(entry(step)))) step -= 1;
  if (step < first) return empty(`${handler} did not run: no ${event} had happened by step ${figure(look.step)}.`);
  const met = (effects.get(step) ?? []).map(entry).filter((e) => e.handler === handler).pop();
  if (!met) return empty(`No delivery of ${event} (step ${figure(step)}) to ${handler} is recorded.`);
  if (met.kind === "skipped" || isDrop(met)) return whyNot(met.step);
  return [didRun(handler, " run?"), answer(sentence(met.step)), causes(chainOf(met), met)];
}

const ANSWERS = { why, whynot: whyNot, edge };

function whyPane() {
  if (!look.question) return empty("Click a value, or a dashed handler, to see why.");
  const [act, arg] = look.question;
  return h("div", null, ANSWERS[act](arg));
}
