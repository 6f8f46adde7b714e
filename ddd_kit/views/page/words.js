// What all parts are made of: elements, names, values. Nothing of the data is ever read as HTML.

const NOTHING = [null, undefined, false, ""];
const compact = (children) => children.flat(Infinity).filter((child) => !NOTHING.includes(child));

function h(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) if (value != null) made.setAttribute(name, value);
  made.append(...compact(children));
  return made;
}
const of = (look) => (...children) => h("span", { class: look }, ...children);
const [faint, good, bad] = ["ddd-faint", "ddd-good", "ddd-bad"].map(of);
const small = (...children) => h("small", null, ...children);
const bold = (...children) => h("b", null, ...children);
const p = (...children) => h("p", null, ...children);
const div = (look, ...children) => h("div", { class: look }, ...children);

// What can be clicked; `page.js` says what an act does.
function link(content, act, arg, label, look) {
  const told = { type: "button", "data-act": act, "data-arg": arg, "aria-label": label };
  return h("button", { class: look ?? "ddd-link", ...told }, content);
}

const slug = (kind) => kind.replace(/ /g, "-");
function symbol(kind, mark) {
  const [sign, word] = data.kinds[kind];
  return h("span", { class: `ddd-${slug(kind)}`, role: "img", "aria-label": word, title: word }, mark ?? sign);
}
const name = (text, kind) => h("b", { class: `ddd-${slug(kind)}` }, text);

const kindOf = (element, usual) => data.elements[element]?.kind ?? usual;
const called = (text, kind) => [symbol(kind), " ", name(text, kind)];

const shortened = (short, full, tag = "bdi") => h(tag, { title: short === full ? null : full }, short);
const value = (number) => shortened(brief(number), whole(number));
const exactly = (number, longest) => shortened(cut(whole(number), longest), whole(number));
const inCard = (number) => (UUID.test(whole(number)) ? value(number) : exactly(number, 120));
const code = (text, full) => shortened(text, full, "code");
const idOf = (instance) => code(shortId(identity(instance)), identity(instance));
const subject = (e) => [...called(e.aggregate, kindOf(e.aggregate, "aggregate")), " ", idOf(e.instance)];
const stream = (full) => code(shortStream(full), full);

// Names of streams stand between backticks; where one of those is part of a value, nothing is code.
function withCode(text) {
  const parts = text.split("`");
  return parts.length % 2 ? parts.map((part, at) => (at % 2 ? h("code", null, part) : part)) : text;
}

function listed(nodes, most, count = nodes.length) {
  const shown = nodes.slice(0, most).flatMap((node, at) => (at ? [", ", node] : [node]));
  return count > most ? [...shown, `, … ${figure(count - most)} more`] : shown;
}

const clock = (time) => new Date(time * 1000).toISOString().slice(0, 19).replace("T", " ");
const cellName = (cell) => cut(cell ?? "outside a cell", 80);
const empty = (text) => h("p", { class: "ddd-empty" }, text);
const list = (items, tag = "ul") => h(tag, { class: "ddd-list" }, items.map((item) => h("li", null, item)));
const heading = (text) => h("p", { class: "ddd-heading" }, text);
const spaced = (nodes) => compact(nodes).flatMap((node, at) => (at ? [" ", node] : [node]));
